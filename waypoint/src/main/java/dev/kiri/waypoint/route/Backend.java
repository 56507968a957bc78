package dev.kiri.waypoint.route;

import dev.kiri.mesh.workload.ServiceKey;
import org.jspecify.annotations.Nullable;

/// Where a share of a rule's requests goes.
public sealed interface Backend {
  /// The endpoints of a service's port.
  ///
  /// @param port 0: the service port that the client addressed
  /// @param subset of a DestinationRule; empty: all endpoints
  /// @param http2 whether the port was declared to speak HTTP/2; null: as the client speaks
  record OfService(
      ServiceKey service, int port, String subset, @Nullable Boolean http2, BackendFilters filters)
      implements Backend {
    /// The port for traffic to the port `addressed`.
    public int portFor(int addressed) {
      return port == 0 ? addressed : port;
    }
  }

  /// A reference that does not resolve.
  ///
  /// @param status what its share of the requests is answered
  record Invalid(String reason, String message, int status) implements Backend {}
}
