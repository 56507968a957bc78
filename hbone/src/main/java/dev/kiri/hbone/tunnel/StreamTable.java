package dev.kiri.hbone.tunnel;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The streams of a tunnel by number. Confined to one loop.
final class StreamTable {
  private final IntObjectHashMap<TunnelStream> byId = new IntObjectHashMap<>(8);
  private @Nullable TunnelStream last; // most frames belong to the stream of the frame before

  void add(TunnelStream stream) {
    byId.put(stream.id(), stream);
  }

  @Nullable TunnelStream get(int id) {
    var cached = last;
    if (cached != null && cached.id() == id) {
      return cached;
    }
    var found = byId.get(id);
    if (found != null) {
      last = found;
    }
    return found;
  }

  boolean remove(TunnelStream stream) {
    if (last == stream) {
      last = null;
    }
    return byId.remove(stream.id()) != null;
  }

  int size() {
    return byId.size();
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  /// The streams of this moment.
  List<TunnelStream> all() {
    return new ArrayList<>(byId.values());
  }

  /// Empties the table.
  List<TunnelStream> drain() {
    var all = all();
    byId.clear();
    last = null;
    return all;
  }
}
