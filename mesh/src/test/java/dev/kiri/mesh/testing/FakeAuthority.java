package dev.kiri.mesh.testing;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.URI;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A root of trust made for a test. Immutable, thread-safe.
public final class FakeAuthority {
  private final X509Bundle root;

  public FakeAuthority(String name) {
    root =
        making(
            () ->
                new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned());
  }

  public X509Certificate root() {
    return root.getCertificate();
  }

  public String rootPem() {
    return root.getCertificatePEM();
  }

  /// A server's certificate for these DNS names, and for the loopback address.
  public X509Bundle server(String... names) {
    var builder =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + names[0])
            .addSanIpAddress(InetAddress.getLoopbackAddress())
            .addExtendedKeyUsageServerAuth();
    List.of(names).forEach(builder::addSanDnsName);
    return making(() -> builder.buildIssuedBy(root));
  }

  /// A workload's certificate for someone else's key.
  public X509Certificate leaf(PublicKey key, String identity, Instant notBefore, Instant notAfter) {
    return making(
        () ->
            new CertificateBuilder()
                .ecp256()
                .publicKey(key)
                .subject("O=test")
                .addSanUriName(URI.create(identity))
                .notBefore(notBefore)
                .notAfter(notAfter)
                .addExtendedKeyUsageClientAuth()
                .addExtendedKeyUsageServerAuth()
                .buildIssuedBy(root)
                .getCertificate());
  }

  /// A workload's certificate with a key of its own, valid from now.
  public WorkloadCertificate workload(SpiffeId identity, Instant now, Duration life) {
    return making(
        () -> {
          var bundle =
              new CertificateBuilder()
                  .ecp256()
                  .subject("O=test")
                  .addSanUriName(URI.create(identity.uri()))
                  .notBefore(now)
                  .notAfter(now.plus(life))
                  .addExtendedKeyUsageClientAuth()
                  .addExtendedKeyUsageServerAuth()
                  .buildIssuedBy(root);
          return new WorkloadCertificate(
              bundle.getKeyPair().getPrivate(),
              List.of(bundle.getCertificate()),
              List.of(root.getCertificate()));
        });
  }

  private interface Making<T> {
    T make() throws Exception;
  }

  private static <T> T making(Making<T> making) {
    try {
      return making.make();
    } catch (Exception broken) {
      throw new IllegalStateException("cannot make a certificate", broken);
    }
  }
}
