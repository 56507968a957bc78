package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.graph.Table.Change;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.controlplane.xds.ResourceTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The Address and Authorization resources that all proxies see, as tables for the discovery
/// server. The index's thread writes, any thread reads.
public final class MeshResources {
  private final ResourceTable addresses = new ResourceTable();
  private final ResourceTable authorizations = new ResourceTable();

  /// Follows an index.
  public MeshResources(MeshIndex index) {
    Map<String, Table<?, ?>> addressMakers = new HashMap<>();
    index
        .addressRows()
        .forEach(table -> follow(table, addresses, addressMakers, MeshResources::single));
    index
        .addressGroups()
        .forEach(table -> follow(table, addresses, addressMakers, Function.identity()));
    Map<String, Table<?, ?>> policyMakers = new HashMap<>();
    follow(index.authorizationRows(), authorizations, policyMakers, MeshResources::single);
    follow(index.authorizationGroups(), authorizations, policyMakers, Function.identity());
  }

  /// Workloads and services.
  public ResourceTable addresses() {
    return addresses;
  }

  /// Layer 4 policies.
  public ResourceTable authorizations() {
    return authorizations;
  }

  private static Map<String, EncodedResource> single(EncodedResource resource) {
    return Map.of(resource.name(), resource);
  }

  /// A resource may be made by several rows; it goes when the last of them goes. A name that
  /// another table has taken over (a Service the host of a ServiceEntry) is that table's.
  private static <V> void follow(
      Table<String, V> table,
      ResourceTable to,
      Map<String, Table<?, ?>> makers,
      Function<V, Map<String, EncodedResource>> resources) {
    table.onChange(
        changes -> {
          List<EncodedResource> updated = new ArrayList<>();
          List<String> removed = new ArrayList<>();
          for (Change<String, V> change : changes) {
            V before = change.before();
            V after = change.after();
            Map<String, EncodedResource> now = after == null ? Map.of() : resources.apply(after);
            updated.addAll(now.values());
            now.keySet().forEach(name -> makers.put(name, table));
            if (before != null) {
              for (String name : resources.apply(before).keySet()) {
                if (!now.containsKey(name)
                    && makers.get(name) == table
                    && !madeElsewhere(table, resources, name)) {
                  makers.remove(name);
                  removed.add(name);
                }
              }
            }
          }
          to.update(updated, removed);
        });
  }

  private static <V> boolean madeElsewhere(
      Table<String, V> table, Function<V, Map<String, EncodedResource>> resources, String name) {
    for (V row : table.rows().values()) {
      if (row instanceof EncodedResource) {
        return false;
      }
      if (resources.apply(row).containsKey(name)) {
        return true;
      }
    }
    return false;
  }
}
