package dev.kiri.controlplane.xds;

import dev.kiri.mesh.proto.discovery.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What one response holds of an answer: at most so many bytes of resources, and with the last one
/// the names of what is gone.
record Cut(List<Resource> resources, List<String> removed) {
  /// A response is cut here. Every client of gRPC takes messages of 4 MiB; but what was handed to
  /// the transport waits there for each of perhaps thousands of clients that start at once.
  static final int MAX_BYTES = 512 * 1024;

  /// The present state of names: as resources, or as removed where there is none; what the client
  /// holds in the same version is left out. At least one response.
  static List<Cut> of(ResourceTable table, Collection<String> names, Map<String, String> held) {
    List<Cut> cuts = new ArrayList<>();
    List<Resource> resources = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    int bytes = 0;
    for (String name : names) {
      EncodedResource resource = table.get(name);
      if (resource == null) {
        removed.add(name);
      } else if (!resource.version().equals(held.get(name))) {
        if (bytes > 0 && bytes + resource.size() > MAX_BYTES) {
          cuts.add(new Cut(resources, List.of()));
          resources = new ArrayList<>();
          bytes = 0;
        }
        resources.add(resource.wire());
        bytes += resource.size();
      }
    }
    cuts.add(new Cut(resources, removed));
    return cuts;
  }
}
