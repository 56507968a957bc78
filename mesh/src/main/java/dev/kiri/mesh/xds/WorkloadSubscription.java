package dev.kiri.mesh.xds;

import dev.kiri.mesh.store.MeshStore;
import java.util.List;

/// The two types every proxy subscribes to: addresses (workloads and services) and layer 4
// policies.
@SuppressWarnings("DoNotCallSuggester")
public final class WorkloadSubscription {
  public static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  public static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  private WorkloadSubscription() {}

  /// Subscriptions that keep a store up to date, in the order in which they must be asked for.
  public static List<TypeSubscription<?>> of(MeshStore store) {
    throw new UnsupportedOperationException();
  }
}
