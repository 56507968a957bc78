package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.Workload;
import java.util.List;

/// How much an endpoint shares with a client, by a service's ordered preferences. Two unknown
/// values count as the same.
final class Rank {
  private Rank() {}

  /// One for each preference met until the first that is not. A network that comes first is
  /// special: met, it outranks everything below; not met, the rest still counts (istio/ztunnel
  /// `src/state.rs`).
  static int of(Workload client, Workload endpoint, List<Scope> preferences) {
    boolean networkFirst = !preferences.isEmpty() && preferences.getFirst() == Scope.NETWORK;
    boolean sameNetwork = networkFirst && shares(client, endpoint, Scope.NETWORK);
    int rank = sameNetwork ? 1 : 0;
    for (var scope : networkFirst ? preferences.subList(1, preferences.size()) : preferences) {
      if (!shares(client, endpoint, scope)) {
        break;
      }
      rank++;
    }
    return sameNetwork ? rank + preferences.size() - 1 : rank;
  }

  static boolean meetsAll(Workload client, Workload endpoint, List<Scope> preferences) {
    for (var scope : preferences) {
      if (!shares(client, endpoint, scope)) {
        return false;
      }
    }
    return true;
  }

  private static boolean shares(Workload client, Workload endpoint, Scope scope) {
    return switch (scope) {
      case REGION -> client.locality().region().equals(endpoint.locality().region());
      case ZONE -> client.locality().zone().equals(endpoint.locality().zone());
      case SUBZONE -> client.locality().subzone().equals(endpoint.locality().subzone());
      case NODE -> client.node().equals(endpoint.node());
      case CLUSTER -> client.clusterId().equals(endpoint.clusterId());
      case NETWORK -> client.network().equals(endpoint.network());
    };
  }
}
