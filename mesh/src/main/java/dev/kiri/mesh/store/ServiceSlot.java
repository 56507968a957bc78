package dev.kiri.mesh.store;

import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.Service;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service key with what is known of it: the service, its endpoints, or endpoints that wait for
/// it.
record ServiceSlot(@Nullable Service service, List<Endpoint> endpoints) {
  static final ServiceSlot EMPTY = new ServiceSlot(null, List.of());

  ServiceSlot {
    endpoints = List.copyOf(endpoints);
  }

  boolean isEmpty() {
    return service == null && endpoints.isEmpty();
  }
}
