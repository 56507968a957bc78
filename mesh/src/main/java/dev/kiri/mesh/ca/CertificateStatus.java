package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is known of the certificate of one identity, for dumps.
///
/// @param nextAttempt when it is asked for again; absent while a request is under way
public record CertificateStatus(SpiffeId identity, State state, @Nullable Instant nextAttempt) {

  /// Whether there is a certificate.
  public sealed interface State {

    /// Asked for the first time; callers wait.
    record Initializing(CertificatePriority priority) implements State {}

    /// There is one. It may be about to expire if renewal fails.
    record Available(WorkloadCertificate certificate) implements State {}

    /// There is none, and callers get this error until a retry succeeds.
    record Unavailable(String error) implements State {}

    /// As dumps spell it.
    default String text() {
      return switch (this) {
        case Initializing _ -> "Initializing";
        case Available _ -> "Available";
        case Unavailable(var error) -> "Unavailable: " + error;
      };
    }
  }
}
