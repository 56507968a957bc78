package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Input;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Allocated;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Resolution;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Virtual addresses for hosts of ServiceEntries that have none, one of each family a host
/// (controlplane.md 11). A host keeps what it was given, in this life or, by the entry's status, in
/// an earlier one, as long as it is of a range that is given from; where two claim an address, one
/// written by a user comes first, then that of the oldest entry. Confined to the index's thread;
/// looks at all ServiceEntries when one has changed.
final class HostAddresses {
  private static final String LABEL = "networking.istio.io/enable-autoallocate-ip";

  private final Table<String, ServiceEntryObject> entries;
  private final Input<String, List<Allocated>> given;
  private final List<AddressRange> ranges;

  HostAddresses(Graph graph, Table<String, ServiceEntryObject> entries, List<IpBlock> ranges) {
    this.entries = entries;
    this.given = graph.input("serviceentries.given");
    this.ranges = ranges.stream().map(AddressRange::new).toList();
  }

  /// Addresses by `namespace/name` of the entry; no row where the entry is to have none. A host is
  /// absent from its row where a range has nothing left.
  Table<String, List<Allocated>> given() {
    return given;
  }

  /// Whether a host of an entry is to have addresses.
  static boolean wanted(ServiceEntryObject entry, String host) {
    return entry.resolution() != Resolution.NONE
        && entry.addresses().isEmpty()
        && !"false".equals(entry.meta().label(LABEL))
        && (!host.startsWith("*") || entry.resolution() == Resolution.DYNAMIC_DNS);
  }

  /// Brings the table up to the entries.
  void settle() {
    List<ServiceEntryObject> byAge =
        entries.rows().values().stream().sorted(MeshObject.AGE).toList();
    Set<InetAddress> taken = new HashSet<>();
    List<IpBlock> blocks = new ArrayList<>();
    for (ServiceEntryObject entry : byAge) {
      for (IpBlock block : entry.addresses()) {
        if (block.isSingle()) {
          taken.add(block.address());
        } else {
          blocks.add(block);
        }
      }
    }
    ranges.forEach(range -> range.reserve(blocks));
    List<List<Allocated>> kept = byAge.stream().map(entry -> keep(entry, taken, blocks)).toList();
    for (int i = 0; i < kept.size(); i++) {
      ServiceEntryObject entry = byAge.get(i);
      List<Allocated> addresses = complete(entry, kept.get(i), taken);
      given.put(entry.key().path(), addresses.isEmpty() ? null : addresses);
    }
    for (String path : List.copyOf(given.rows().keySet())) {
      if (!entries.rows().containsKey(path)) {
        given.put(path, null);
      }
    }
  }

  /// What the entry's hosts go on having.
  private List<Allocated> keep(
      ServiceEntryObject entry, Set<InetAddress> taken, List<IpBlock> blocks) {
    List<Allocated> before =
        new ArrayList<>(given.rows().getOrDefault(entry.key().path(), List.of()));
    before.addAll(entry.allocated());
    List<Allocated> kept = new ArrayList<>();
    for (Allocated one : before) {
      InetAddress address = one.address().address();
      if (entry.hosts().contains(one.host())
          && wanted(entry, one.host())
          && ranges.stream().anyMatch(range -> range.contains(address))
          && !has(kept, one.host(), address)
          && blocks.stream().noneMatch(block -> block.contains(address))
          && taken.add(address)) {
        kept.add(one);
      }
    }
    return kept;
  }

  /// What the entry's hosts have, in the order of hosts and ranges.
  private List<Allocated> complete(
      ServiceEntryObject entry, List<Allocated> kept, Set<InetAddress> taken) {
    List<Allocated> complete = new ArrayList<>();
    for (String host : entry.hosts()) {
      if (!wanted(entry, host)) {
        continue;
      }
      for (AddressRange range : ranges) {
        kept.stream()
            .filter(one -> one.host().equals(host) && range.isOfFamily(one.address().address()))
            .findFirst()
            .or(() -> range.next(taken).map(address -> new Allocated(host, address)))
            .ifPresent(complete::add);
      }
    }
    return List.copyOf(complete);
  }

  /// Whether a host has an address of that family.
  private static boolean has(List<Allocated> addresses, String host, InetAddress like) {
    return addresses.stream()
        .anyMatch(
            one ->
                one.host().equals(host)
                    && one.address().address().getClass().equals(like.getClass()));
  }
}
