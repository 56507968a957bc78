package dev.kiri.controlplane.xds;

import dev.kiri.mesh.proto.discovery.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Collects an answer and cuts it into responses. Confined to one thread.
final class Cutter {
  private final Map<String, String> held;
  private final List<Cut> cuts = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private List<Resource> resources = new ArrayList<>();
  private int bytes;

  /// @param held versions by name that the client has
  Cutter(Map<String, String> held) {
    this.held = held;
  }

  /// Adds what a name stands for at present; null for nothing.
  void add(String name, @Nullable EncodedResource resource) {
    if (resource == null) {
      removed.add(name);
    } else if (!resource.version().equals(held.get(name))) {
      if (bytes > 0 && bytes + resource.size() > Cut.MAX_BYTES) {
        cuts.add(new Cut(resources, List.of()));
        resources = new ArrayList<>();
        bytes = 0;
      }
      resources.add(resource.wire());
      bytes += resource.size();
    }
  }

  /// The responses, the last one with the names of what is gone.
  List<Cut> cuts() {
    cuts.add(new Cut(resources, removed));
    return cuts;
  }
}
