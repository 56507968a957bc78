package dev.kiri.controlplane.xds;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The present resources of one type. One thread writes, any may read; a watcher added before it
/// reads misses nothing, though it may hear of what it has just read.
public final class ResourceTable {
  private final Map<String, EncodedResource> byName = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> byAlias = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> byService = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> byNode = new ConcurrentHashMap<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

  /// Hears of changes on the writer's thread; must not block.
  interface Watcher {
    /// Resources that are new, changed or (as they last were) gone.
    void changed(Collection<EncodedResource> touched);
  }

  /// Puts and removes resources; equal ones change nothing.
  public void update(Collection<EncodedResource> updated, Collection<String> removed) {
    Set<EncodedResource> touched = new HashSet<>();
    for (String name : removed) {
      EncodedResource old = byName.remove(name);
      if (old != null) {
        unlink(old);
        touched.add(old);
      }
    }
    for (EncodedResource resource : updated) {
      EncodedResource old = byName.put(resource.name(), resource);
      if (resource.equals(old)) {
        continue;
      }
      if (old != null) {
        unlink(old);
      }
      link(resource);
      touched.add(resource);
    }
    if (!touched.isEmpty()) {
      watchers.forEach(watcher -> watcher.changed(touched));
    }
  }

  /// The resource of that name, or null.
  public @Nullable EncodedResource get(String name) {
    return byName.get(name);
  }

  /// All resources; weakly consistent.
  public Collection<EncodedResource> all() {
    return byName.values();
  }

  /// Names of resources with that alias.
  Set<String> aliased(String alias) {
    return byAlias.getOrDefault(alias, Set.of());
  }

  /// Names of resources that belong to that service.
  Set<String> ofService(String service) {
    return Set.copyOf(byService.getOrDefault(service, Set.of()));
  }

  /// Names of resources of that node.
  Set<String> ofNode(String node) {
    return Set.copyOf(byNode.getOrDefault(node, Set.of()));
  }

  void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }

  private void link(EncodedResource resource) {
    resource.aliases().forEach(alias -> addFew(alias, resource.name()));
    resource.services().forEach(service -> add(byService, service, resource.name()));
    if (!resource.node().isEmpty()) {
      add(byNode, resource.node(), resource.name());
    }
  }

  private void unlink(EncodedResource resource) {
    resource.aliases().forEach(alias -> removeFew(alias, resource.name()));
    resource.services().forEach(service -> remove(byService, service, resource.name()));
    if (!resource.node().isEmpty()) {
      remove(byNode, resource.node(), resource.name());
    }
  }

  /// An alias is that of one resource nearly always, and there is one for each pod.
  private void addFew(String alias, String name) {
    byAlias.merge(
        alias,
        Set.of(name),
        (names, one) -> {
          Set<String> more = new HashSet<>(names);
          more.addAll(one);
          return Set.copyOf(more);
        });
  }

  private void removeFew(String alias, String name) {
    byAlias.computeIfPresent(
        alias,
        (_, names) -> {
          Set<String> fewer = new HashSet<>(names);
          fewer.remove(name);
          return fewer.isEmpty() ? null : Set.copyOf(fewer);
        });
  }

  private static void add(Map<String, Set<String>> to, String key, String name) {
    to.computeIfAbsent(key, _ -> ConcurrentHashMap.newKeySet()).add(name);
  }

  private static void remove(Map<String, Set<String>> from, String key, String name) {
    from.computeIfPresent(
        key,
        (_, names) -> {
          names.remove(name);
          return names.isEmpty() ? null : names;
        });
  }
}
