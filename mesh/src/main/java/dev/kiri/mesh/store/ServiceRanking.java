package dev.kiri.mesh.store;

import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which of several services that claim one name or address a client gets. Those it may not see
/// are passed over.
final class ServiceRanking {
  private ServiceRanking() {}

  /// Client's namespace, then canonical, then the preferred namespace, then the first seen.
  static @Nullable Service best(
      List<Service> services,
      @Nullable String clientNamespace,
      @Nullable String preferredNamespace) {
    Service best = null;
    int bestRank = -1;
    for (var service : services) {
      if (service.visibleTo(clientNamespace)) {
        int rank = rank(service, clientNamespace, preferredNamespace);
        if (rank > bestRank) {
          best = service;
          bestRank = rank;
        }
      }
    }
    return best;
  }

  private static int rank(
      Service service, @Nullable String clientNamespace, @Nullable String preferredNamespace) {
    if (service.namespace().equals(clientNamespace)) {
      return 3;
    }
    if (service.canonical()) {
      return 2;
    }
    return service.namespace().equals(preferredNamespace) ? 1 : 0;
  }

  /// Among the services whose ranges hold the address: client's namespace, then the longest
  /// prefix, then canonical, then the first seen.
  static @Nullable Service narrowest(
      List<Service> services, NetworkAddress address, @Nullable String clientNamespace) {
    Service best = null;
    int bestRank = -1;
    for (var service : services) {
      if (!service.visibleTo(clientNamespace)) {
        continue;
      }
      int length = longest(service.cidrVips(), address);
      if (length >= 0) {
        int rank =
            (service.namespace().equals(clientNamespace) ? 1 << 10 : 0)
                + length * 2
                + (service.canonical() ? 1 : 0);
        if (rank > bestRank) {
          best = service;
          bestRank = rank;
        }
      }
    }
    return best;
  }

  private static int longest(List<CidrVip> ranges, NetworkAddress address) {
    int longest = -1;
    for (var range : ranges) {
      if (range.cidr().length() > longest
          && range.network().equals(address.network())
          && range.cidr().contains(address.address())) {
        longest = range.cidr().length();
      }
    }
    return longest;
  }
}
