package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The engine's question "do you trust this chain", answered for SPIFFE identities. Thread-safe.
///
/// A server must present one of the expected identities; a client must belong to an accepted trust
/// domain. Host names play no part.
final class PeerTrust extends X509ExtendedTrustManager {
  private final VerifiedChains chains;
  private final List<X509Certificate> roots;
  private final @Nullable Set<TrustDomain> clients;
  private final Revocations revocations;
  private final InstantSource clock;
  private final boolean boringSsl;
  private final Function<SSLEngine, @Nullable TlsHandshake> handshakes;

  /// `own` is null when the own certificate names no trust domain: clients are then not checked for
  /// it.
  PeerTrust(
      List<X509Certificate> roots,
      @Nullable TrustDomain own,
      TlsSettings settings,
      InstantSource clock,
      Function<SSLEngine, @Nullable TlsHandshake> handshakes) {
    this.chains = new VerifiedChains(new ChainVerifier(roots));
    this.roots = roots;
    this.clients = accepted(own, settings.acceptedTrustDomains());
    this.revocations = settings.revocations();
    this.clock = clock;
    this.boringSsl = settings.engine() == TlsSettings.Engine.BORINGSSL;
    this.handshakes = handshakes;
  }

  private static @Nullable Set<TrustDomain> accepted(
      @Nullable TrustDomain own, Set<TrustDomain> others) {
    if (own == null) {
      return null;
    }
    var all = new HashSet<>(others);
    all.add(own);
    return Set.copyOf(all);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, engine, ChainVerifier.CLIENT_AUTH);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, engine, ChainVerifier.SERVER_AUTH);
  }

  private void check(X509Certificate[] chain, SSLEngine engine, String purpose)
      throws CertificateException {
    var handshake = handshakes.apply(engine);
    if (handshake == null) {
      throw new CertificateException("a handshake that nobody began");
    }
    try {
      var encoded = new ArrayList<byte[]>(chain.length);
      for (var certificate : chain) {
        encoded.add(certificate.getEncoded());
      }
      var verified = chains.verify(encoded, purpose, clock.instant());
      var peer = new VerifiedPeer(verified.identities(), verified.path(), revocations);
      if (peer.isRevoked()) {
        throw new PeerRejectedException(new PeerRejected.Revoked());
      }
      requireIdentity(handshake, verified.identities().spiffe());
      handshake.accepted(peer);
    } catch (PeerRejectedException e) {
      handshake.rejected(e.why());
      throw boringSsl
          ? new OpenSslCertificateException(e.getMessage(), e, code(e.why()))
          : e.forJdk();
    }
  }

  private void requireIdentity(TlsHandshake handshake, List<SpiffeId> presented)
      throws PeerRejectedException {
    var expected = handshake.expected();
    if (expected != null) {
      for (var id : presented) {
        if (expected.contains(id)) {
          return;
        }
      }
      throw new PeerRejectedException(new PeerRejected.UnexpectedIdentity(expected, presented));
    }
    if (clients == null) {
      return;
    }
    for (var id : presented) {
      if (clients.contains(id.trustDomain())) {
        return;
      }
    }
    throw new PeerRejectedException(new PeerRejected.ForeignTrustDomain(clients, presented));
  }

  // BoringSSL turns these into the alerts that the peer sees
  private static int code(PeerRejected why) {
    return switch (why) {
      case PeerRejected.UnknownIssuer _ ->
          CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
      // upstream's library has one alert for both
      case PeerRejected.Expired _, PeerRejected.NotValidYet _ ->
          CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
      case PeerRejected.Revoked _ -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
      case PeerRejected.InvalidPurpose _ -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
      case PeerRejected.BadEncoding _ -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
      // certificate_unknown; the code for what is unspecified would be internal_error
      case PeerRejected.UnexpectedIdentity _, PeerRejected.ForeignTrustDomain _ ->
          CertificateVerifier.X509_V_ERR_PERMITTED_VIOLATION;
    };
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return roots.toArray(X509Certificate[]::new);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("engines only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("engines only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("engines only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("engines only");
  }
}
