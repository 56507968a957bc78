package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import java.time.Duration;

/// Asks a control plane for certificates over gRPC. Thread-safe.
@SuppressWarnings("DoNotCallSuggester")
public final class CertificateClient implements CertificateSource, AutoCloseable {

  /// @param lifetime asked for; the authority decides
  /// @param impersonate whether to ask for identities other than the caller's own, as a node proxy
  ///     does
  public CertificateClient(ControlPlaneEndpoint endpoint, Duration lifetime, boolean impersonate) {}

  @Override
  public WorkloadCertificate fetch(SpiffeId identity) throws CertificateRefused {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
