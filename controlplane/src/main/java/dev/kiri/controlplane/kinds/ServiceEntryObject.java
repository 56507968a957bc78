package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Map;

/// A ServiceEntry: hosts outside Kubernetes, or inside it under another name.
///
/// @param addresses the user's virtual addresses and blocks
/// @param endpoints workloads written into the entry; empty where a selector finds them
/// @param selector labels of pods and WorkloadEntries of the namespace; empty for none
/// @param allocated addresses of `status.addresses`
public record ServiceEntryObject(
    Meta meta,
    List<String> hosts,
    List<IpBlock> addresses,
    List<Port> ports,
    Resolution resolution,
    List<WorkloadEndpoint> endpoints,
    Map<String, String> selector,
    List<String> subjectAltNames,
    List<Allocated> allocated)
    implements MeshObject {
  /// How endpoints are found.
  public enum Resolution {
    NONE,
    STATIC,
    DNS,
    DNS_ROUND_ROBIN,
    DYNAMIC_DNS;

    /// Whether a host name is resolved by the proxy.
    public boolean byName() {
      return this == DNS || this == DNS_ROUND_ROBIN || this == DYNAMIC_DNS;
    }
  }

  /// A port; `target` is the number where the entry names none.
  public record Port(String name, int number, int target, String protocol) {}

  /// An address given to a host in the status.
  public record Allocated(String host, IpBlock address) {}

  @Override
  public Kind kind() {
    return Kind.SERVICE_ENTRY;
  }
}
