package dev.kiri.controlplane.kinds;

import java.util.List;

/// An EndpointSlice: endpoints of a service that has no selector, or that are not pods.
///
/// @param service the label `kubernetes.io/service-name`; empty where it is missing
/// @param ip whether the address type is IPv4 or IPv6
public record EndpointSliceObject(
    Meta meta, String service, boolean ip, List<Port> ports, List<Endpoint> endpoints)
    implements MeshObject {
  /// A TCP port with name and number.
  public record Port(String name, int port) {}

  /// One endpoint. `podName` and `podUid` are empty where the target is not a pod.
  public record Endpoint(List<String> addresses, boolean ready, String podName, String podUid) {
    /// Whether the endpoint is a pod, which the index knows better from the pod itself.
    public boolean isPod() {
      return !podName.isEmpty();
    }
  }

  @Override
  public Kind kind() {
    return Kind.ENDPOINT_SLICE;
  }

  static EndpointSliceObject read(Meta meta, Fields top) {
    String type = top.choice("addressType", "IPv4", List.of("IPv4", "IPv6", "FQDN"));
    List<Port> ports =
        top.list("ports", EndpointSliceObject::port).stream().filter(p -> p.port() > 0).toList();
    return new EndpointSliceObject(
        meta,
        meta.labels().getOrDefault("kubernetes.io/service-name", ""),
        !type.equals("FQDN"),
        ports,
        top.list("endpoints", EndpointSliceObject::endpoint));
  }

  private static Port port(Fields port) {
    boolean tcp = port.stringOr("protocol", "TCP").equals("TCP");
    int number = (int) port.number("port", 0, 1, 65535);
    Port read = new Port(port.stringOr("name", ""), tcp ? number : 0);
    port.ignore("appProtocol");
    port.done();
    return read;
  }

  private static Endpoint endpoint(Fields endpoint) {
    Fields conditions = endpoint.child("conditions");
    Fields target = endpoint.child("targetRef");
    boolean pod = "Pod".equals(target.raw("kind"));
    Endpoint read =
        new Endpoint(
            endpoint.strings("addresses"),
            conditions.bool("ready", true),
            pod ? target.stringOr("name", "") : "",
            pod ? target.stringOr("uid", "") : "");
    endpoint.ignore("hostname", "nodeName", "zone", "hints", "deprecatedTopology");
    endpoint.done();
    return read;
  }
}
