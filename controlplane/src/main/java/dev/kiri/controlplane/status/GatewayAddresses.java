package dev.kiri.controlplane.status;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.index.Waypoint;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.LabelSelector;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.provision.WaypointObjects;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The Services a waypoint is reached by (controlplane.md 10): the one that is provisioned for it,
/// or those that `spec.addresses` names by `Hostname` where somebody else runs its pods.
final class GatewayAddresses {
  private static final String ADDRESS_TYPE = "networking.istio.io/address-type";
  private static final String FAILED = "Failed to assign to any requested addresses: ";

  private final ObjectTables objects;
  private final MeshSettings settings;

  GatewayAddresses(ObjectTables objects, MeshSettings settings) {
    this.objects = objects;
    this.settings = settings;
  }

  /// What holds of a Gateway's addresses.
  ///
  /// @param addresses for `status.addresses`; once there, they stay
  record Assigned(Condition programmed, List<Object> addresses) {}

  /// One Service: the Service if it can be used, and what stands in the way.
  private record Target(
      String hostname,
      @Nullable ServiceObject service,
      @Nullable String problem,
      boolean harmless) {}

  Assigned assign(GatewayObject gateway, Reader reader) {
    long generation = gateway.meta().generation();
    List<Target> targets =
        requested(gateway).stream().map(host -> target(gateway, host, reader)).toList();
    List<Target> usable = targets.stream().filter(t -> t.problem == null).toList();
    List<Target> failed = targets.stream().filter(t -> t.problem != null).toList();
    String services =
        enumeration(usable.stream().map(t -> t.hostname + ":" + Waypoint.HBONE_PORT).toList());
    List<Object> addresses = new ArrayList<>();
    usable.forEach(t -> addresses.addAll(addresses(gateway, t)));
    if (addresses.isEmpty()) {
      gateway.statusAddresses().forEach(a -> addresses.add(address(a.type(), a.value())));
    }
    if (failed.isEmpty()) {
      return new Assigned(
          Condition.yes(
              "Programmed",
              "Programmed",
              "Resource programmed, assigned to service(s) " + services,
              generation),
          addresses);
    }
    String problems = String.join("; ", failed.stream().map(Target::problem).toList());
    return new Assigned(
        Condition.no(
            "Programmed",
            failed.stream().allMatch(Target::harmless) ? "AddressNotAssigned" : "AddressNotUsable",
            usable.isEmpty()
                ? FAILED + problems
                : "Assigned to service(s) "
                    + services
                    + ", but failed to assign to all requested addresses: "
                    + problems,
            generation),
        addresses);
  }

  private List<String> requested(GatewayObject gateway) {
    String namespace = gateway.meta().namespace();
    List<String> named =
        gateway.specAddresses().stream()
            .filter(a -> a.type().equals("Hostname"))
            .map(a -> a.value().contains(".") ? a.value() : settings.hostname(namespace, a.value()))
            .distinct()
            .toList();
    return named.isEmpty() ? List.of(provisioned(gateway)) : named;
  }

  private String provisioned(GatewayObject gateway) {
    return settings.hostname(gateway.meta().namespace(), WaypointObjects.name(gateway));
  }

  private Target target(GatewayObject gateway, String hostname, Reader reader) {
    String namespace = gateway.meta().namespace();
    ServiceObject service =
        settings.servicePath(hostname).map(path -> reader.get(objects.services, path)).orElse(null);
    String quoted = "hostname \"" + hostname + "\"";
    if (service == null) {
      return new Target(hostname, null, quoted + " not found", false);
    }
    if (!service.meta().namespace().equals(namespace)) {
      return new Target(
          hostname,
          null,
          quoted
              + " not found in namespace \""
              + namespace
              + "\", but it was found in namespace(s) \""
              + service.meta().namespace()
              + "\"",
          false);
    }
    if (service.port(Waypoint.HBONE_PORT).isEmpty()) {
      return new Target(
          hostname, null, "port " + Waypoint.HBONE_PORT + " not found for " + quoted, false);
    }
    if (!hasInstance(gateway, service, hostname, reader)) {
      return new Target(hostname, null, "no instances found for " + quoted, true);
    }
    return new Target(hostname, service, null, true);
  }

  private boolean hasInstance(
      GatewayObject gateway, ServiceObject service, String hostname, Reader reader) {
    if (hostname.equals(provisioned(gateway))
        && reader.find(objects.podsByGateway, gateway.key().path()).stream()
            .anyMatch(GatewayAddresses::serves)) {
      return true;
    }
    return !gateway.specAddresses().isEmpty()
        && reader.find(objects.podsByNamespace, service.meta().namespace()).stream()
            .anyMatch(
                pod ->
                    serves(pod) && LabelSelector.selects(service.selector(), pod.meta().labels()));
  }

  private static boolean serves(PodObject pod) {
    return pod.ready() && !pod.meta().deleting() && !pod.finished();
  }

  private static List<Object> addresses(GatewayObject gateway, Target target) {
    String only = String.valueOf(gateway.meta().annotation(ADDRESS_TYPE));
    List<Object> addresses = new ArrayList<>();
    if (target.service != null && !only.equals("Hostname")) {
      for (InetAddress ip : target.service.clusterIps()) {
        addresses.add(address("IPAddress", NetUtil.toAddressString(ip)));
      }
    }
    if (!only.equals("IPAddress") || addresses.isEmpty()) {
      addresses.add(address("Hostname", target.hostname));
    }
    return addresses;
  }

  private static Map<String, Object> address(String type, String value) {
    Map<String, Object> address = new LinkedHashMap<>();
    address.put("type", type);
    address.put("value", value);
    return address;
  }

  /// `a`, `a and b`, `a, b, and c`.
  private static String enumeration(List<String> names) {
    if (names.size() < 3) {
      return String.join(" and ", names);
    }
    return String.join(", ", names.subList(0, names.size() - 1)) + ", and " + names.getLast();
  }
}
