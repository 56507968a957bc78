package dev.kiri.ztunnel.dns;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Decides what a pod is told about a name, as istio/ztunnel `src/dns/server.rs` does. Pure but for
/// the order of addresses. Thread-safe if the random source is.
public final class LocalNames {
  private final DnsSettings settings;
  private final RandomGenerator random;

  /// `random` orders the addresses of an answer.
  public LocalNames(DnsSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.random = random;
  }

  /// Decides for a client, which is the workload of the pod that asks.
  DnsAnswer decide(MeshSnapshot mesh, Workload client, DnsQuery query, List<String> searches) {
    if (query.dnsClass() != DnsQuery.INTERNET || query.name().text().isEmpty()) {
      return new DnsAnswer.Forward(false);
    }
    var found = find(mesh, client, query.name(), searches);
    if (found == null || !query.wantsAddress()) {
      return new DnsAnswer.Forward(found != null);
    }
    var service = found.service();
    if (!supported(service, query.type())) {
      return new DnsAnswer.NoRecords(service, true);
    }
    var addresses = addresses(mesh, client, service, query.type());
    if (addresses.isEmpty()) {
      return new DnsAnswer.NoRecords(service, false);
    }
    Collections.shuffle(addresses, Random.from(random));
    return new DnsAnswer.Addresses(service, found.alias(query.name()), addresses);
  }

  /// Where a workload that asks for this name would go: an address of the service it means, IPv4 if
  /// there is one; null if the name is nobody's in the mesh or has no address.
  public @Nullable InetAddress address(MeshSnapshot mesh, Workload client, String host) {
    var name = DnsName.of(host);
    var found = name == null ? null : find(mesh, client, name, List.of());
    if (found == null) {
      return null;
    }
    for (int type : new int[] {DnsQuery.A, DnsQuery.AAAA}) {
      var addresses =
          supported(found.service(), type)
              ? addresses(mesh, client, found.service(), type)
              : List.<InetAddress>of();
      if (!addresses.isEmpty()) {
        return addresses.getFirst();
      }
    }
    return null;
  }

  /// A service, under which of the names it was found, and by which form of that name.
  private record Found(Service service, NameCandidates candidate) {
    /// The shorter name that was meant; a wildcard answers for the whole name.
    @Nullable DnsName alias(DnsName asked) {
      boolean whole = candidate.labels() == asked.labels() || service.hostname().startsWith("*");
      return whole ? null : asked.first(candidate.labels());
    }
  }

  private @Nullable Found find(
      MeshSnapshot mesh, Workload client, DnsName asked, List<String> searches) {
    var domain = settings.clusterDomain();
    for (var candidate : NameCandidates.of(asked, client.namespace(), searches, domain)) {
      for (var form : candidate.forms()) {
        var service =
            mesh.serviceByHostname(
                form, client.namespace(), settings.preferredNamespace(), this::answerable);
        if (service != null) {
          return new Found(service, candidate);
        }
      }
    }
    return null;
  }

  /// A service without address of its own is the name servers' to answer, unless it is a headless
  /// one of Kubernetes.
  private boolean answerable(Service service) {
    return !service.vips().isEmpty() || headless(service);
  }

  private boolean headless(Service service) {
    return service.vips().isEmpty()
        && service.hostname().endsWith(".svc." + settings.clusterDomain());
  }

  private boolean supported(Service service, int type) {
    return type == DnsQuery.A
        ? service.ipFamilies() != IpFamilies.IPV6_ONLY
        : settings.ipv6() && service.ipFamilies() != IpFamilies.IPV4_ONLY;
  }

  private List<InetAddress> addresses(
      MeshSnapshot mesh, Workload client, Service service, int type) {
    var addresses = new ArrayList<InetAddress>();
    if (headless(service)) {
      for (var endpoint : mesh.endpoints(service.key())) {
        if (service.balancing().health().admits(endpoint.health())) {
          endpoint.workload().addresses().stream()
              .filter(address -> ofType(address, type))
              .findFirst()
              .ifPresent(addresses::add);
        }
      }
      return addresses;
    }
    for (var vip : service.vips()) {
      if (vip.network().equals(client.network()) && ofType(vip.address(), type)) {
        addresses.add(vip.address());
      }
    }
    return addresses;
  }

  private static boolean ofType(InetAddress address, int type) {
    return address instanceof Inet4Address == (type == DnsQuery.A);
  }
}
