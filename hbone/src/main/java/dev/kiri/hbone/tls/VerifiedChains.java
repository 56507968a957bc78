package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.CertificateIdentities;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Remembers chains that were validated, so that the next handshake of the same peer costs one
/// hash. Thread-safe; bounded; belongs to one set of roots.
///
/// Validity dates and revocation are checked again by the caller of [#verify].
final class VerifiedChains {
  private static final int LIMIT = 2_048;

  /// A validated path and the identities of its leaf.
  record Verified(VerifiedPath path, CertificateIdentities identities) {}

  private record Key(ByteBuffer digest, String purpose) {}

  private final ChainVerifier verifier;
  private final Map<Key, Verified> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Verified> eldest) {
          return size() > LIMIT;
        }
      };

  VerifiedChains(ChainVerifier verifier) {
    this.verifier = verifier;
  }

  Verified verify(List<byte[]> presented, String purpose, Instant now)
      throws PeerRejectedException {
    var key = new Key(digest(presented), purpose);
    Verified hit;
    synchronized (known) {
      hit = known.get(key);
    }
    if (hit != null) {
      hit.path().requireValid(now);
      return hit;
    }
    var path = verifier.verify(presented, purpose, now);
    var verified = new Verified(path, CertificateIdentities.of(path.leaf()));
    synchronized (known) {
      known.put(key, verified);
    }
    return verified;
  }

  private static ByteBuffer digest(List<byte[]> chain) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      for (var der : chain) {
        // the length keeps one chain from reading like another one
        sha.update((byte) (der.length >>> 16));
        sha.update((byte) (der.length >>> 8));
        sha.update((byte) der.length);
        sha.update(der);
      }
      return ByteBuffer.wrap(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
