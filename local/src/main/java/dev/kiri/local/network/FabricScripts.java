package dev.kiri.local.network;

import dev.kiri.local.network.Topology.PodAddresses;

/// The texts that `ip` and `sh` run to wire nodes, router and pods. Pure.
///
/// Pods talk to each other through their node's bridge address even on one node: their addresses
/// are host routes and the ports of the bridge are isolated, so that the node's packet filter
/// (service translation) sees both directions. The bridge itself must not call the packet filter:
/// it would bridge a translated packet straight to the other pod's isolated port, which drops it.
final class FabricScripts {
  /// What runs inside one new namespace.
  record Script(String sysctls, String ip) {}

  /// Where br_netfilter is loaded, bridges would translate addresses themselves and then forward
  /// between isolated ports, which drops the packet: it is switched off.
  static final String ROUTING =
      """
      for f in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; do [ -e $f ] && echo 1 > $f; done
      for i in all default; do
        echo 0 > /proc/sys/net/ipv4/conf/$i/send_redirects
        echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter
      done
      [ -e /proc/sys/net/ipv6/conf/default/accept_dad ] && echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
      echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
      for f in /proc/sys/net/bridge/bridge-nf-call-*tables; do [ -e $f ] && echo 0 > $f; done
      true
      """;

  private FabricScripts() {}

  static Script node(Topology topology, String name) {
    int number = topology.number(name).orElseThrow();
    var ip =
        new StringBuilder("link set lo up\n")
            .append(bridge(topology.podNetwork(number).pod(1).v4()))
            .append("addr add ")
            .append(topology.podNetwork(number).pod(1).v4())
            .append("/24 dev pods\n")
            .append("addr add ")
            .append(topology.podNetwork(number).pod(1).v6())
            .append("/64 dev pods nodad\n")
            .append("link set pods up\n")
            .append("addr add ")
            .append(Topology.DNS_ADDRESS)
            .append("/32 dev lo\n")
            .append("addr add ")
            .append(topology.nodeAddress(number))
            .append("/24 dev uplink\n")
            .append("addr add ")
            .append(topology.nodeAddress6(number))
            .append("/64 dev uplink nodad\n")
            .append("link set uplink up\n")
            .append("route add default via ")
            .append(Topology.ROUTER_ADDRESS)
            .append('\n')
            .append("route add default via ")
            .append(Topology.ROUTER_ADDRESS_6)
            .append('\n');
    for (int other = 1; other <= topology.nodes().size(); other++) {
      if (other != number) {
        appendPodRoutes(ip, topology, other);
      }
    }
    return new Script(ROUTING, ip.toString());
  }

  static Script router(Topology topology) {
    var ip =
        new StringBuilder("link set lo up\n")
            .append(bridge(Topology.OUTSIDE_GATEWAY))
            .append("addr add ")
            .append(Topology.OUTSIDE_GATEWAY)
            .append("/24 dev pods\n")
            .append("addr add ")
            .append(Topology.OUTSIDE_GATEWAY_6)
            .append("/64 dev pods nodad\n")
            .append("link set pods up\n")
            .append("addr add ")
            .append(Topology.DNS_ADDRESS)
            .append("/32 dev lo\n")
            .append("addr add ")
            .append(Topology.ROUTER_ADDRESS)
            .append("/24 dev uplink\n")
            .append("addr add ")
            .append(Topology.ROUTER_ADDRESS_6)
            .append("/64 dev uplink nodad\n")
            .append("link set uplink up\n");
    for (int node = 1; node <= topology.nodes().size(); node++) {
      appendPodRoutes(ip, topology, node);
    }
    return new Script(ROUTING, ip.toString());
  }

  /// A bridge without a hardware address of its own takes the lowest of its ports', anew with every
  /// pod that comes or goes: pods would send into the void until they ask for their gateway again,
  /// which the kernel does after five seconds.
  private static String bridge(String gateway) {
    return "link add pods address " + Topology.hardwareAddress(gateway) + " type bridge\n";
  }

  private static void appendPodRoutes(StringBuilder ip, Topology topology, int node) {
    ip.append("route add ")
        .append(topology.podRange(node))
        .append(" via ")
        .append(topology.nodeAddress(node))
        .append('\n')
        .append("route add ")
        .append(topology.podRange6(node))
        .append(" via ")
        .append(topology.nodeAddress6(node))
        .append('\n');
  }

  /// A pod that gets the address of one that has gone gets its hardware address too: the node knows
  /// both together, for minutes.
  static String podPort(String port, long podProcess, PodAddresses addresses) {
    return "link add "
        + port
        + " type veth peer name eth0 address "
        + Topology.hardwareAddress(addresses.v4())
        + " netns "
        + podProcess
        + "\nlink set "
        + port
        + " master pods up\n";
  }

  /// A router tells senders of its own link to go to a neighbour directly, which isolated ports
  /// do not let through: pods do not listen to that.
  static String pod(PodAddresses addresses) {
    return """
    [ -e /proc/sys/net/ipv6/conf/eth0/accept_redirects ] && echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_redirects
    [ -e /proc/sys/net/ipv6/conf/eth0/accept_dad ] && echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
    echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
    exec ip -batch - <<END
    link set lo up
    addr add %1$s/32 dev eth0
    addr add %2$s/128 dev eth0 nodad
    link set eth0 up
    route add %3$s dev eth0
    route add default via %3$s dev eth0 src %1$s
    route add %4$s dev eth0
    route add default via %4$s dev eth0 src %2$s
    END
    """
        .formatted(addresses.v4(), addresses.v6(), addresses.gateway4(), addresses.gateway6());
  }
}
