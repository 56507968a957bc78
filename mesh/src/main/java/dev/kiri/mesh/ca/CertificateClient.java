package dev.kiri.mesh.ca;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.grpc.CallFailed;
import dev.kiri.mesh.grpc.CertificateCalls;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a control plane for certificates over gRPC. Thread-safe.
public final class CertificateClient implements CertificateSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateClient.class);

  /// How long one request may take. Upstream has no limit.
  private static final Duration CALL_LIMIT = Duration.ofSeconds(20);

  private final CertificateCalls calls;
  private final Duration lifetime;
  private final boolean impersonate;

  /// @param loop serves the connection; stays the caller's
  /// @param lifetime asked for; the authority decides
  /// @param impersonate whether to ask for identities other than the caller's own, as a node proxy
  ///     does; then what comes back must carry the identity asked for
  public CertificateClient(
      ControlPlaneLoop loop,
      ControlPlaneEndpoint endpoint,
      Duration lifetime,
      boolean impersonate) {
    this.calls = new CertificateCalls(loop, endpoint, CALL_LIMIT);
    this.lifetime = lifetime;
    this.impersonate = impersonate;
  }

  @Override
  public WorkloadCertificate fetch(SpiffeId identity) throws CertificateRefused {
    var signing = SigningRequest.of(identity);
    var request =
        IstioCertificateRequest.newBuilder()
            .setCsr(signing.pem())
            .setValidityDuration(lifetime.toSeconds());
    if (impersonate) {
      request.setMetadata(
          Struct.newBuilder()
              .putFields(
                  "ImpersonatedIdentity",
                  Value.newBuilder().setStringValue(identity.uri()).build()));
    }
    try {
      return accept(identity, signing, calls.create(request.build()).getCertChainList());
    } catch (CallFailed failed) {
      throw new CertificateRefused(
          "signing gRPC error (" + failed.code() + "): " + failed.message(), failed);
    } catch (IOException | CertificateException | IllegalArgumentException unusable) {
      throw new CertificateRefused(String.valueOf(unusable.getMessage()), unusable);
    }
  }

  private WorkloadCertificate accept(SpiffeId identity, SigningRequest signing, List<String> sent)
      throws CertificateRefused, CertificateException {
    if (sent.isEmpty()) {
      throw new CertificateRefused("chain returned from CA is empty for: " + identity);
    }
    var leaf = PemCertificates.first(sent.getFirst());
    if (impersonate && !identity.equals(CertificateIdentities.of(leaf).first())) {
      throw new CertificateRefused("did not find expected SAN: " + identity);
    }
    if (!leaf.getPublicKey().equals(signing.keys().getPublic())) {
      throw new CertificateRefused("certificate returned from CA is not for our key: " + identity);
    }
    if (sent.size() == 1) {
      log.warn("no chain certs for: {}", identity);
    }
    var chain = new ArrayList<X509Certificate>();
    chain.add(leaf);
    for (int index = 1; index < sent.size() - 1; index++) {
      chain.add(PemCertificates.first(sent.get(index)));
    }
    var roots =
        sent.size() == 1 ? List.<X509Certificate>of() : PemCertificates.bundle(sent.getLast());
    return new WorkloadCertificate(signing.keys().getPrivate(), chain, roots);
  }

  @Override
  public void close() {
    calls.close();
  }
}
