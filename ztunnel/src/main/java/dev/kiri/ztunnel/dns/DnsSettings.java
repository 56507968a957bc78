package dev.kiri.ztunnel.dns;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How pods' questions are answered, the same for all pods of a node. Immutable.
///
/// @param enabled whether they are
/// @param addresses where it listens in each pod, for UDP and TCP
/// @param clusterDomain the domain of Kubernetes services
/// @param podSearches whether clients have the search domains that Kubernetes gives to pods; else
///     they have this machine's
/// @param ipv6 whether IPv6 addresses are told
/// @param preferredNamespace breaks ties among services of one name
public record DnsSettings(
    boolean enabled,
    List<InetSocketAddress> addresses,
    String clusterDomain,
    boolean podSearches,
    boolean ipv6,
    @Nullable String preferredNamespace) {

  public DnsSettings {
    addresses = List.copyOf(addresses);
  }

  /// What a client's resolver appends to short names.
  List<String> searches(String namespace, Resolvers machine) {
    return podSearches
        ? List.of(namespace + ".svc." + clusterDomain, "svc." + clusterDomain, clusterDomain)
        : machine.searches();
  }
}
