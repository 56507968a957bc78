package dev.kiri.mesh.store;

import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The services, their endpoints and the ways to find them. Immutable.
///
/// @param slots services and endpoints, also endpoints whose service is not known yet
/// @param byVip to [OneOrMany] services, in the order in which their namespaces appeared
/// @param byHostname to [OneOrMany] services, in the same order
/// @param ranges the services that have ranges of addresses
record ServiceTable(
    PartitionedMap<ServiceKey, ServiceSlot> slots,
    PartitionedMap<NetworkAddress, Object> byVip,
    PartitionedMap<String, Object> byHostname,
    List<Service> ranges) {

  static final ServiceTable EMPTY =
      new ServiceTable(
          PartitionedMap.empty(), PartitionedMap.empty(), PartitionedMap.empty(), List.of());

  ServiceTable {
    ranges = List.copyOf(ranges);
  }

  @Nullable Service at(NetworkAddress address, @Nullable String clientNamespace) {
    List<Service> exact = OneOrMany.list(byVip.get(address));
    var found = ServiceRanking.best(exact, clientNamespace, null);
    return found != null || ranges.isEmpty()
        ? found
        : ServiceRanking.narrowest(ranges, address, clientNamespace);
  }

  ServiceSlot slot(ServiceKey key) {
    var slot = slots.get(key);
    return slot == null ? ServiceSlot.EMPTY : slot;
  }

  Editor edit() {
    return new Editor(this);
  }

  /// A batch of changes. Endpoints are collected and merged into each service once, at the end.
  static final class Editor {
    private final PartitionedMap.Editor<ServiceKey, ServiceSlot> slots;
    private final PartitionedMap.Editor<NetworkAddress, Object> byVip;
    private final PartitionedMap.Editor<String, Object> byHostname;
    private final Map<ServiceKey, Map<String, @Nullable Endpoint>> moved = new LinkedHashMap<>();
    private final Set<ServiceKey> touched = new HashSet<>();
    private List<Service> ranges;

    private Editor(ServiceTable table) {
      slots = table.slots.edit();
      byVip = table.byVip.edit();
      byHostname = table.byHostname.edit();
      ranges = table.ranges;
    }

    void put(Service service) {
      var key = service.key();
      var slot = slots.get(key);
      var old = slot == null ? null : slot.service();
      slots.set(key, new ServiceSlot(service, slot == null ? List.of() : slot.endpoints()));
      index(key, old, service);
      touched.add(key);
    }

    /// Removes a service; endpoints whose workloads still list it wait for its return.
    void remove(ServiceKey key) {
      var slot = slots.get(key);
      if (slot == null || slot.service() == null) {
        return;
      }
      index(key, slot.service(), null);
      set(key, new ServiceSlot(null, slot.endpoints()));
      touched.add(key);
    }

    /// Takes note that a workload was replaced: the services it left, and those it stands behind
    /// now.
    void moved(@Nullable Workload old, @Nullable Workload now) {
      if (old != null) {
        old.services().keySet().forEach(key -> move(key, old.uid(), null));
      }
      if (now != null) {
        now.services().forEach((key, ports) -> move(key, now.uid(), new Endpoint(now, ports)));
      }
    }

    private void move(ServiceKey key, String uid, @Nullable Endpoint endpoint) {
      moved.computeIfAbsent(key, _ -> new LinkedHashMap<>()).put(uid, endpoint);
    }

    /// Services put or removed, or whose endpoints changed. Complete after [#done].
    Set<ServiceKey> touched() {
      return touched;
    }

    ServiceTable done() {
      moved.forEach(this::merge);
      touched.addAll(moved.keySet());
      moved.clear();
      return new ServiceTable(slots.done(), byVip.done(), byHostname.done(), ranges);
    }

    private void merge(ServiceKey key, Map<String, @Nullable Endpoint> changes) {
      var slot = slots.get(key);
      var before = slot == null ? List.<Endpoint>of() : slot.endpoints();
      var after = new ArrayList<Endpoint>(before.size() + changes.size());
      var rest = new HashMap<>(changes);
      for (var endpoint : before) {
        if (!rest.containsKey(endpoint.workloadUid())) {
          after.add(endpoint);
        } else {
          var replacement = rest.remove(endpoint.workloadUid());
          if (replacement != null) {
            after.add(replacement);
          }
        }
      }
      changes.forEach(
          (uid, endpoint) -> {
            if (endpoint != null && rest.containsKey(uid)) {
              after.add(endpoint);
            }
          });
      set(key, new ServiceSlot(slot == null ? null : slot.service(), after));
    }

    private void set(ServiceKey key, ServiceSlot slot) {
      slots.set(key, slot.isEmpty() ? null : slot);
    }

    private void index(ServiceKey key, @Nullable Service old, @Nullable Service now) {
      reindex(byHostname, key.hostname(), key, now);
      if (old != null) {
        for (var vip : old.vips()) {
          if (now == null || !now.vips().contains(vip)) {
            reindex(byVip, vip, key, null);
          }
        }
      }
      if (now != null) {
        now.vips().forEach(vip -> reindex(byVip, vip, key, now));
      }
      if ((old != null && !old.cidrVips().isEmpty())
          || (now != null && !now.cidrVips().isEmpty())) {
        ranges = replaced(ranges, key, now != null && !now.cidrVips().isEmpty() ? now : null);
      }
    }

    private static <K> void reindex(
        PartitionedMap.Editor<K, Object> index, K at, ServiceKey key, @Nullable Service now) {
      var cell = index.get(at);
      if (cell == null) {
        index.set(at, now);
        return;
      }
      var left = replaced(OneOrMany.<Service>list(cell), key, now);
      index.set(
          at,
          switch (left.size()) {
            case 0 -> null;
            case 1 -> left.getFirst();
            default -> left.toArray();
          });
    }

    /// The list with the service of that key replaced in its place, appended if new, or removed.
    private static List<Service> replaced(
        List<Service> services, ServiceKey key, @Nullable Service now) {
      var result = new ArrayList<Service>(services.size() + 1);
      boolean placed = false;
      for (var service : services) {
        if (!service.namespace().equals(key.namespace())
            || !service.hostname().equals(key.hostname())) {
          result.add(service);
        } else if (now != null && !placed) {
          result.add(now);
          placed = true;
        }
      }
      if (now != null && !placed) {
        result.add(now);
      }
      return result;
    }
  }
}
