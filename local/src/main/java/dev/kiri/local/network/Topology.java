package dev.kiri.local.network;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/// Who has which address. Nodes are counted from 1; node N owns `10.244.N.0/24` and
/// `fd00:10:244:N::/64` for its pods.
/// Pure and immutable.
public record Topology(List<String> nodes) {
  /// Pod ranges have one octet for the node.
  public static final int MAX_NODES = 200;

  public static final String CLUSTER_DOMAIN = "cluster.local";
  public static final String DNS_ADDRESS = "10.96.0.10";
  public static final String OUTSIDE_RANGE = "203.0.113.0/24";
  static final String ROUTER_ADDRESS = "172.30.0.1";
  static final String ROUTER_ADDRESS_6 = "fd00:172:30::1";
  static final String OUTSIDE_GATEWAY = "203.0.113.1";
  static final String OUTSIDE_GATEWAY_6 = "2001:db8:203:113::1";

  public Topology {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty() || nodes.size() > MAX_NODES) {
      throw new IllegalArgumentException(nodes.size() + " nodes: accepted are 1 to " + MAX_NODES);
    }
  }

  /// Counted from 1.
  public Optional<Integer> number(String node) {
    int at = nodes.indexOf(node);
    return at < 0 ? Optional.empty() : Optional.of(at + 1);
  }

  /// The node's own address on the link between the nodes.
  public String nodeAddress(int number) {
    return "172.30.0." + (10 + number);
  }

  public String nodeAddress6(int number) {
    return "fd00:172:30::" + Integer.toHexString(0x10 + number);
  }

  public String podRange(int number) {
    return "10.244." + number + ".0/24";
  }

  public String podRange6(int number) {
    return "fd00:10:244:" + number + "::/64";
  }

  public PodNetwork podNetwork(int number) {
    return new PodNetwork("10.244." + number + ".", "fd00:10:244:" + number + "::");
  }

  /// The world outside the mesh.
  public static PodNetwork outside() {
    return new PodNetwork("203.0.113.", "2001:db8:203:113::");
  }

  /// A range of addresses in which the last octet counts pods; number 1 is the gateway.
  public record PodNetwork(String prefix, String prefix6) {
    public PodAddresses pod(int number) {
      return new PodAddresses(
          prefix + number, prefix6 + Integer.toHexString(number), prefix + "1", prefix6 + "1");
    }

    /// The pod whose IPv4 address this is, if it lies in this range and can be a pod's.
    public Optional<Integer> numberOf(String address) {
      if (!address.startsWith(prefix)) {
        return Optional.empty();
      }
      try {
        int number = Integer.parseInt(address.substring(prefix.length()));
        return number > 1 && number < 255 ? Optional.of(number) : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
  }

  /// What a pod's `eth0` gets.
  public record PodAddresses(String v4, String v6, String gateway4, String gateway6) {
    /// Both addresses in the spelling Kubernetes uses.
    public List<String> all() {
      return List.of(v4, canonical(v6));
    }
  }

  /// The hardware address that goes with an IPv4 address, as the CNI bridge plugin derives it: the
  /// locally administered prefix 0a:58, then the four octets.
  static String hardwareAddress(String v4) {
    var octets = NetUtil.createByteArrayFromIpAddressString(v4);
    return "0a:58:%02x:%02x:%02x:%02x".formatted(octets[0], octets[1], octets[2], octets[3]);
  }

  /// The shortest spelling (RFC 5952) of an IPv6 literal; other literals come back unchanged.
  public static String canonical(String address) {
    if (!address.contains(":")) {
      return address;
    }
    try {
      return NetUtil.toAddressString(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address + " is no IP address", e);
    }
  }
}
