package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Gateway: for this control plane a waypoint, whatever its class, once it has an address.
///
/// @param infrastructure labels and annotations of `spec.infrastructure`; null where the struct is
///     absent
/// @param statusAddresses what its controller has written
public record GatewayObject(
    Meta meta,
    String className,
    List<Listener> listeners,
    List<Address> specAddresses,
    @Nullable Infrastructure infrastructure,
    List<Address> statusAddresses)
    implements MeshObject {
  /// A listener with the namespaces that may attach: `Same`, `All` or `Selector`.
  public record Listener(
      String name, int port, String protocol, String from, LabelSelector fromSelector) {}

  /// An address with its type; the type is empty where it is missing.
  public record Address(String type, String value) {}

  /// What is copied to the provisioned objects.
  public record Infrastructure(
      Map<String, String> labels,
      Map<String, String> annotations,
      @Nullable ParametersRef parametersRef) {}

  @Override
  public Kind kind() {
    return Kind.GATEWAY;
  }

  static GatewayObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    Fields status = top.child("status");
    GatewayObject read =
        new GatewayObject(
            meta,
            spec.required("gatewayClassName"),
            spec.list("listeners", GatewayObject::listener),
            spec.list("addresses", GatewayObject::address),
            spec.has("infrastructure") ? infrastructure(spec.child("infrastructure")) : null,
            status.list("addresses", GatewayObject::address));
    spec.ignore("infrastructure", "backendTLS", "tls", "allowedListeners", "defaultScope");
    spec.done();
    return read;
  }

  private static Listener listener(Fields listener) {
    Fields allowed = listener.child("allowedRoutes");
    Fields namespaces = allowed.child("namespaces");
    allowed.ignore("kinds");
    allowed.done();
    Listener read =
        new Listener(
            listener.required("name"),
            (int) listener.number("port", 0, 1, 65535),
            listener.required("protocol"),
            namespaces.choice("from", "Same", List.of("Same", "All", "Selector", "None")),
            LabelSelector.read(namespaces.child("selector")));
    namespaces.done();
    listener.ignore("hostname", "tls");
    listener.done();
    return read;
  }

  private static Address address(Fields address) {
    return new Address(address.stringOr("type", ""), address.stringOr("value", ""));
  }

  private static Infrastructure infrastructure(Fields fields) {
    Infrastructure read =
        new Infrastructure(
            fields.stringMap("labels"),
            fields.stringMap("annotations"),
            ParametersRef.read(fields));
    fields.done();
    return read;
  }
}
