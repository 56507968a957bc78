package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.store.MeshStore.Subscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps a valid certificate for each identity in use. Thread-safe.
@SuppressWarnings("DoNotCallSuggester")
public final class CertificateManager implements AutoCloseable {

  public CertificateManager(CertificateSource source) {}

  /// The certificate of an identity that a connection waits for.
  public CompletionStage<WorkloadCertificate> request(SpiffeId identity) {
    return request(identity, CertificatePriority.REAL_TIME);
  }

  public CompletionStage<WorkloadCertificate> request(
      SpiffeId identity, CertificatePriority priority) {
    throw new UnsupportedOperationException();
  }

  /// What is there now, without waiting or asking.
  public @Nullable WorkloadCertificate current(SpiffeId identity) {
    throw new UnsupportedOperationException();
  }

  /// Hears of every new certificate.
  public Subscription onChange(Consumer<WorkloadCertificate> listener) {
    throw new UnsupportedOperationException();
  }

  /// All identities, by name.
  public List<CertificateStatus> states() {
    throw new UnsupportedOperationException();
  }

  /// Forgets an identity that is no longer needed.
  public void release(SpiffeId identity) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
