package dev.kiri.mesh.testing;

import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import dev.kiri.mesh.proto.auth.IstioCertificateResponse;
import dev.kiri.mesh.proto.auth.IstioCertificateServiceGrpc.IstioCertificateServiceImplBase;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.StringReader;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/// The certificate side of a [FakeControlPlane]. Issues what is asked for, or does what the test
/// says. Thread-safe.
public final class FakeCa extends IstioCertificateServiceImplBase {
  private final FakeAuthority authority;
  private final List<IstioCertificateRequest> requests = new CopyOnWriteArrayList<>();
  private volatile Signer signer;

  /// What to answer to a request.
  @FunctionalInterface
  public interface Signer {
    /// @throws StatusRuntimeException to refuse
    List<String> sign(String identity, PublicKey key);
  }

  FakeCa(FakeAuthority authority) {
    this.authority = authority;
    this.signer = (identity, key) -> List.of(leaf(identity, key), authority.rootPem());
  }

  /// Replaces the answer to every request from now on.
  public void answer(Signer signer) {
    this.signer = signer;
  }

  /// A certificate for one day, in PEM.
  public String leaf(String identity, PublicKey key) {
    var now = Instant.now();
    return pem(authority.leaf(key, identity, now.minusSeconds(120), now.plus(Duration.ofDays(1))));
  }

  public static String pem(X509Certificate certificate) {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (CertificateEncodingException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /// Everything that was asked so far.
  public List<IstioCertificateRequest> requests() {
    return requests;
  }

  /// The signing request in a message.
  public static PKCS10CertificationRequest csr(IstioCertificateRequest request) {
    try (var parser = new PEMParser(new StringReader(request.getCsr()))) {
      return (PKCS10CertificationRequest) parser.readObject();
    } catch (IOException broken) {
      throw new IllegalArgumentException(broken);
    }
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> responses) {
    requests.add(request);
    try {
      var csr = new JcaPKCS10CertificationRequest(csr(request));
      String identity =
          request
              .getMetadata()
              .getFieldsOrDefault(
                  "ImpersonatedIdentity",
                  com.google.protobuf.Value.newBuilder()
                      .setStringValue("spiffe://cluster.local/ns/own/sa/own")
                      .build())
              .getStringValue();
      var chain = signer.sign(identity, csr.getPublicKey());
      responses.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
      responses.onCompleted();
    } catch (StatusRuntimeException refused) {
      responses.onError(refused);
    } catch (Exception broken) {
      responses.onError(Status.INTERNAL.withCause(broken).asRuntimeException());
    }
  }
}
