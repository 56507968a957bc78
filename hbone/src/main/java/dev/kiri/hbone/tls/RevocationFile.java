package dev.kiri.hbone.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/// The revocations of a file of CRLs (`CRL_PATH`), read again when its content changes.
/// Thread-safe; asking neither blocks nor locks.
///
/// PEM (several blocks; others than CRLs are passed over) or one DER. A missing or empty file
/// revokes nothing; one that cannot be read leaves what was known before. How old a CRL is plays no
/// part, as upstream (istio/ztunnel `src/tls/crl.rs`). The file is trusted: signatures of CRLs are
/// not verified. Of two authorities with one name the key identifiers tell which is meant.
public final class RevocationFile implements Revocations, AutoCloseable {
  private record Known(ByteBuffer content, List<Listed> lists) {}

  private record Listed(X509CRL crl, @Nullable ByteBuffer issuerKey) {}

  /// What came of a look at the file.
  public sealed interface Look {
    record Unchanged() implements Look {}

    record Changed(int lists) implements Look {}

    /// `why` names the file and what is wrong.
    record Unreadable(String why) implements Look {}
  }

  private final Path file;
  private final List<Runnable> changed = new CopyOnWriteArrayList<>();
  private volatile Known known = new Known(ByteBuffer.allocate(0), List.of());
  private @Nullable Thread watcher;

  public RevocationFile(Path file) {
    this.file = file;
  }

  /// Runs `then` after each change, on the thread that noticed it: the moment for
  /// [dev.kiri.hbone.server.HboneServer#closeRevoked] and
  /// [dev.kiri.hbone.pool.HbonePool#closeRevoked].
  public void onChange(Runnable then) {
    changed.add(then);
  }

  /// Looks at the file every `interval` from now on, until [#close()]. Content is compared, so
  /// files that are swapped by a symbolic link are noticed.
  public synchronized void watch(Duration interval) {
    if (watcher == null) {
      watcher =
          Thread.ofVirtual()
              .name("crl")
              .start(
                  () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                      look();
                      LockSupport.parkNanos(interval.toNanos());
                    }
                  });
    }
  }

  /// Looks at the file now. Blocks.
  public Look look() {
    synchronized (changed) {
      byte[] content;
      List<Listed> lists;
      try {
        content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        if (ByteBuffer.wrap(content).equals(known.content())) {
          return new Look.Unchanged();
        }
        lists = parse(content);
      } catch (IOException | CRLException | CertificateException e) {
        return new Look.Unreadable(file + ": " + e.getMessage());
      }
      known = new Known(ByteBuffer.wrap(content), lists);
    }
    changed.forEach(Runnable::run);
    return new Look.Changed(known.lists().size());
  }

  private static List<Listed> parse(byte[] content)
      throws IOException, CRLException, CertificateException {
    var lists = new ArrayList<Listed>();
    if (content.length == 0) {
      return lists;
    }
    var factory = CertificateFactory.getInstance("X.509");
    if (!new String(content, StandardCharsets.ISO_8859_1).startsWith("-----BEGIN")) {
      lists.add(listed(factory, content));
      return lists;
    }
    try (var pem =
        new PemReader(
            new InputStreamReader(
                new ByteArrayInputStream(content), StandardCharsets.ISO_8859_1))) {
      for (var block = pem.readPemObject(); block != null; block = pem.readPemObject()) {
        if (block.getType().equals("X509 CRL")) {
          lists.add(listed(factory, block.getContent()));
        }
      }
    }
    return lists;
  }

  private static Listed listed(CertificateFactory factory, byte[] der) throws CRLException {
    var crl = (X509CRL) factory.generateCRL(new ByteArrayInputStream(der));
    return new Listed(
        crl, keyIdentifier(crl.getExtensionValue(Extension.authorityKeyIdentifier.getId())));
  }

  private static @Nullable ByteBuffer keyIdentifier(byte @Nullable [] extension) {
    if (extension == null) {
      return null;
    }
    var octets = ASN1OctetString.getInstance(extension).getOctets();
    var key = AuthorityKeyIdentifier.getInstance(octets).getKeyIdentifierOctets();
    return key == null ? null : ByteBuffer.wrap(key);
  }

  @Override
  public boolean isRevoked(X509Certificate certificate) {
    for (var list : known.lists()) {
      if (list.crl().isRevoked(certificate) && !ofAnotherKey(list, certificate)) {
        return true;
      }
    }
    return false;
  }

  private static boolean ofAnotherKey(Listed list, X509Certificate certificate) {
    var listed = list.issuerKey();
    var issuer =
        keyIdentifier(certificate.getExtensionValue(Extension.authorityKeyIdentifier.getId()));
    return listed != null && issuer != null && !listed.equals(issuer);
  }

  /// Watches no longer; what is known stays.
  @Override
  public synchronized void close() {
    if (watcher != null) {
      watcher.interrupt();
      watcher = null;
    }
  }
}
