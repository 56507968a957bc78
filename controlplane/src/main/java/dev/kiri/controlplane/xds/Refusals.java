package dev.kiri.controlplane.xds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What clients refuse at the moment. A refusal stands until its client has accepted a later
/// version of the resource, or was told that it is gone, or its stream has ended. Thread-safe.
public final class Refusals {
  /// Resources that are told of; a mesh that refuses more has one fault, not so many.
  static final int MAX_RESOURCES = 1000;

  /// Refusals kept of one stream and type.
  static final int MAX_OF_STREAM = 100;

  private final Runnable changed;
  private final Map<Long, Map<Resource, Refusal>> byStream = new HashMap<>();

  /// @param changed called after each change, on the thread that brought it; must be quick
  Refusals(Runnable changed) {
    this.changed = changed;
  }

  /// A resource by its name on the wire.
  public record Resource(String typeUrl, String name) implements Comparable<Resource> {
    @Override
    public int compareTo(Resource other) {
      int byType = typeUrl.compareTo(other.typeUrl);
      return byType != 0 ? byType : name.compareTo(other.name);
    }
  }

  /// Who refuses it, and why.
  ///
  /// @param namespace of the client's pod
  /// @param pod its name
  public record Refusal(String namespace, String pod, String reason) {}

  /// Everything that is refused, by resource.
  public synchronized Map<Resource, List<Refusal>> now() {
    var all = new TreeMap<Resource, List<Refusal>>();
    for (var stream : byStream.values()) {
      stream.forEach(
          (resource, refusal) -> {
            if (all.size() < MAX_RESOURCES || all.containsKey(resource)) {
              all.computeIfAbsent(resource, _ -> new ArrayList<>()).add(refusal);
            }
          });
    }
    return all;
  }

  /// Replaces what a stream refuses of one type.
  ///
  /// @param reasons by the resource's name
  void put(long stream, String typeUrl, Map<String, Refusal> reasons) {
    synchronized (this) {
      var before = byStream.getOrDefault(stream, Map.of());
      var after = new LinkedHashMap<>(before);
      after.keySet().removeIf(resource -> resource.typeUrl().equals(typeUrl));
      reasons.entrySet().stream()
          .limit(MAX_OF_STREAM)
          .forEach(each -> after.put(new Resource(typeUrl, each.getKey()), each.getValue()));
      if (after.equals(before)) {
        return;
      }
      if (after.isEmpty()) {
        byStream.remove(stream);
      } else {
        byStream.put(stream, after);
      }
    }
    changed.run();
  }

  void ended(long stream) {
    synchronized (this) {
      if (byStream.remove(stream) == null) {
        return;
      }
    }
    changed.run();
  }
}
