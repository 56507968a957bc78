package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.graph.Table.Change;
import dev.kiri.controlplane.index.PodDirectory;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.controlplane.xds.OlderClient;
import dev.kiri.controlplane.xds.ResourceTable;
import dev.kiri.controlplane.xds.TypeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The configuration of each waypoint in a table of its own. A caller gets the table of the Gateway
/// its pod is an instance of, if it has proven to be that Gateway's service account; a pod that is
/// not known yet is taken for an instance of the Gateway its account is named after. Everybody else
/// gets none. Thread-safe; the index's thread is the only writer.
public final class ScopedTables implements TypeSource {
  private final PodDirectory pods;
  private final Map<String, ResourceTable> tables = new ConcurrentHashMap<>();
  private final Map<String, String> accounts = new ConcurrentHashMap<>();

  /// Follows a configuration.
  public ScopedTables(
      WaypointConfig config, PodDirectory pods, Table<String, GatewayObject> gateways) {
    this.pods = pods;
    gateways.onChange(this::gatewaysChanged);
    for (Kind kind : Kind.ROUTES) {
      follow(config.routes(kind), RouteResult::byWaypoint);
    }
    follow(config.virtualServices(), VirtualServiceResult::byWaypoint);
    follow(config.destinationRules(), VirtualServiceResult::byWaypoint);
    follow(config.backendTlsPolicies(), BackendTlsResult::byWaypoint);
    follow(config.policies(), PolicyResult::byWaypoint);
    follow(config.requestAuthentications(), PolicyResult::byWaypoint);
    follow(config.waypoints(), Function.identity());
    follow(config.services(), Function.identity());
    follow(config.serviceEntries(), Function.identity());
  }

  @Override
  public @Nullable OlderClient olderClient(int revision) {
    return OlderSchema.of(revision);
  }

  @Override
  public @Nullable ResourceTable tableFor(Caller caller) {
    String gateway =
        caller.podName().isEmpty() ? "" : pods.gatewayOf(caller.namespace(), caller.podName());
    if (gateway.isEmpty()) {
      gateway = caller.serviceAccount();
    }
    String path = caller.namespace() + "/" + gateway;
    String account = accounts.get(path);
    return caller.serviceAccount().equals(account) ? table(path) : null;
  }

  /// The waypoints with the names and versions of what they are told, for inspection.
  public Map<String, List<EncodedResource>> describe() {
    Map<String, List<EncodedResource>> all = new java.util.TreeMap<>();
    tables.forEach((path, table) -> all.put(path, List.copyOf(table.all())));
    return all;
  }

  private ResourceTable table(String path) {
    return tables.computeIfAbsent(path, _ -> new ResourceTable());
  }

  private void gatewaysChanged(List<Change<String, GatewayObject>> changes) {
    for (Change<String, GatewayObject> change : changes) {
      GatewayObject now = change.after();
      if (now == null || !WaypointClasses.isOurs(now.className())) {
        accounts.remove(change.key());
      } else {
        accounts.put(
            change.key(),
            now.meta().annotations().getOrDefault(WellKnown.SERVICE_ACCOUNT, now.meta().name()));
      }
    }
  }

  private <V> void follow(
      Table<String, V> table, Function<V, Map<String, EncodedResource>> resources) {
    table.onChange(
        changes -> {
          Map<String, List<EncodedResource>> updated = new HashMap<>();
          Map<String, List<String>> removed = new HashMap<>();
          Set<String> touched = new HashSet<>();
          for (Change<String, V> change : changes) {
            V before = change.before();
            V after = change.after();
            Map<String, EncodedResource> now = after == null ? Map.of() : resources.apply(after);
            now.forEach(
                (path, resource) -> {
                  updated.computeIfAbsent(path, _ -> new ArrayList<>()).add(resource);
                  touched.add(path);
                });
            (before == null ? Map.<String, EncodedResource>of() : resources.apply(before))
                .forEach(
                    (path, resource) -> {
                      if (!now.containsKey(path)) {
                        removed.computeIfAbsent(path, _ -> new ArrayList<>()).add(resource.name());
                        touched.add(path);
                      }
                    });
          }
          for (String path : touched) {
            table(path)
                .update(
                    updated.getOrDefault(path, List.of()), removed.getOrDefault(path, List.of()));
          }
        });
  }
}
