package dev.kiri.controlplane.xds;

import dev.kiri.mesh.proto.discovery.Resource;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What one response holds of an answer: at most so many bytes of resources, and with the last one
/// the names of what is gone. What the client holds in the same version is left out.
record Cut(List<Resource> resources, List<String> removed) {
  /// A response is cut here. Every client of gRPC takes messages of 4 MiB; but what was handed to
  /// the transport waits there for each of perhaps thousands of clients that start at once.
  static final int MAX_BYTES = 512 * 1024;

  /// The present state of names: as resources, or as removed where there is none. At least one
  /// response.
  static List<Cut> of(ResourceTable table, Collection<String> names, Map<String, String> held) {
    Cutter cutter = new Cutter(held);
    for (String name : names) {
      cutter.add(name, table.get(name));
    }
    return cutter.cuts();
  }

  /// The present state of everything. At least one response.
  static List<Cut> ofAll(ResourceTable table, Map<String, String> held) {
    Cutter cutter = new Cutter(held);
    for (EncodedResource resource : table.all()) {
      cutter.add(resource.name(), resource);
    }
    for (String name : held.keySet()) {
      if (table.get(name) == null) {
        cutter.add(name, null);
      }
    }
    return cutter.cuts();
  }
}
