package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import java.util.Map;
import java.util.Set;

/// Addresses that entries name and that belong to somebody else, as tables: for what is published
/// and for what the entries say about themselves. Rows are keyed by `namespace/name` of the entry;
/// each maps an address, as the entry writes it (a virtual one in its short spelling), to kind and
/// name of its owner. Confined to the index's thread.
public final class EntryAddresses {
  private final Table<String, Map<String, String>> ofServiceEntries;
  private final Table<String, Map<String, String>> virtual;
  private final Table<String, Map<String, String>> ofWorkloadEntries;

  EntryAddresses(
      Graph graph,
      ObjectTables objects,
      Table<String, Map<String, HostClaim>> claims,
      MeshSettings settings) {
    AddressOwners owners = new AddressOwners(new AddressClaims(objects, claims, settings));
    ofServiceEntries =
        graph.derive(
            "serviceentries.addressowners",
            objects.serviceEntries,
            (_, entry, reader) -> owners.others(entry, reader));
    virtual =
        graph.derive(
            "serviceentries.virtualowners",
            objects.serviceEntries,
            (_, entry, reader) -> owners.virtualOthers(entry, reader));
    ofWorkloadEntries =
        graph.derive(
            "workloadentries.addressowners",
            objects.workloadEntries,
            (_, entry, reader) -> owners.others(entry, reader));
  }

  /// Of the endpoints written into ServiceEntries.
  public Table<String, Map<String, String>> ofServiceEntries() {
    return ofServiceEntries;
  }

  /// Of `spec.addresses` of ServiceEntries.
  public Table<String, Map<String, String>> virtual() {
    return virtual;
  }

  /// Of WorkloadEntries.
  public Table<String, Map<String, String>> ofWorkloadEntries() {
    return ofWorkloadEntries;
  }

  Set<String> ofOthers(ServiceEntryObject entry, Reader reader) {
    return of(ofServiceEntries, entry.key().path(), reader);
  }

  Set<String> virtualOfOthers(ServiceEntryObject entry, Reader reader) {
    return of(virtual, entry.key().path(), reader);
  }

  Set<String> ofOthers(WorkloadEntryObject entry, Reader reader) {
    return of(ofWorkloadEntries, entry.key().path(), reader);
  }

  private static Set<String> of(
      Table<String, Map<String, String>> table, String path, Reader reader) {
    Map<String, String> owners = reader.get(table, path);
    return owners == null ? Set.of() : owners.keySet();
  }
}
