package dev.kiri.mesh.workload;

/// Where a waypoint or a network gateway is to be found.
public sealed interface GatewayAddress {

  /// The port of its HBONE listener, usually 15008.
  int hbonePort();

  /// A gateway named by its service, or by the hostname of a workload.
  record ByHostname(ServiceKey host, int hbonePort) implements GatewayAddress {
    @Override
    public String toString() {
      return host + ":" + hbonePort;
    }
  }

  /// A gateway named by an address: of a service or of a workload.
  record ByAddress(NetworkAddress address, int hbonePort) implements GatewayAddress {
    @Override
    public String toString() {
      return address + ":" + hbonePort;
    }
  }
}
