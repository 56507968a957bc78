package dev.kiri.controlplane.status;

import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.HostClaim;
import dev.kiri.controlplane.kinds.MeshConfig.Visibility;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Allocated;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The status of a ServiceEntry (controlplane.md 8.1, 8.2). Hosts that it does not get stand in a
/// condition of ours, as upstream is silent about them.
final class ServiceEntryStatus {
  private static final String HOSTS = "kiri.dev/HostsAccepted";

  private ServiceEntryStatus() {}

  /// @param visibility null where the mesh's configuration says nothing of it
  static @Nullable Map<String, Object> of(
      ServiceEntryObject entry,
      @Nullable NamespaceObject namespace,
      Binding binding,
      Map<String, HostClaim> claims,
      Map<String, String> owners,
      Map<String, String> virtualOwners,
      List<Allocated> given,
      @Nullable Visibility visibility) {
    long generation = entry.meta().generation();
    List<Condition> conditions = new ArrayList<>();
    Condition bound = ServiceStatus.bound(entry.meta(), namespace, binding);
    if (bound != null) {
      conditions.add(bound);
    }
    boolean wildcard = entry.hosts().stream().anyMatch(host -> host.startsWith("*"));
    if (wildcard && !(binding instanceof Binding.Bound)) {
      conditions.add(
          Condition.yes(
              "istio.io/WaypointMissing",
              "NoWaypointForWildcardService",
              "ServiceEntry will not apply until it is bound to a valid waypoint.",
              generation));
    }
    if (visibility != null) {
      conditions.add(
          Condition.yes(
              "istio.io/VisibilityApplied",
              switch (visibility) {
                case PUBLIC -> "Public";
                case NAMESPACE -> "Namespace";
                case NONE -> "None";
              },
              "serviceEntryVisibility of the mesh's configuration",
              generation));
    }
    List<String> lost = new ArrayList<>();
    claims.forEach(
        (host, claim) -> {
          if (claim instanceof HostClaim.Lost(String owner)) {
            lost.add(host + " belongs to " + owner);
          }
        });
    if (!lost.isEmpty()) {
      conditions.add(Condition.no(HOSTS, "HostConflict", String.join("; ", lost), generation));
    }
    Map<String, String> ofOthers = new TreeMap<>(owners);
    ofOthers.putAll(virtualOwners);
    if (!ofOthers.isEmpty()) {
      conditions.add(WorkloadEntryStatus.conflict(ofOthers, generation));
    }
    return withAddresses(given, conditions);
  }

  static @Nullable Map<String, Object> refused(
      ServiceEntryObject entry, String problem, List<Allocated> given) {
    return withAddresses(
        given,
        List.of(
            Condition.no(
                HOSTS,
                "Invalid",
                problem + "; what was accepted before stays in force",
                entry.meta().generation())));
  }

  /// The addresses given to hosts are part of the status and stay.
  private static @Nullable Map<String, Object> withAddresses(
      List<Allocated> given, List<Condition> conditions) {
    Map<String, Object> status = new LinkedHashMap<>();
    if (!conditions.isEmpty()) {
      status.put("conditions", conditions.stream().map(Condition::tree).toList());
    }
    if (!given.isEmpty()) {
      status.put(
          "addresses",
          given.stream()
              .map(
                  one ->
                      Map.of(
                          "host",
                          one.host(),
                          "value",
                          NetUtil.toAddressString(one.address().address())))
              .toList());
    }
    return status.isEmpty() ? null : status;
  }
}
