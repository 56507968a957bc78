package dev.kiri.waypoint;

import dev.kiri.mesh.xds.TypeSubscription;
import dev.kiri.mesh.xds.XdsObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Knows when every type of configuration has arrived once, accepted or not: one refused object
/// must not keep a restarted waypoint from serving all the others. Thread-safe.
final class FirstAnswers implements XdsObserver {
  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> complete = new CompletableFuture<>();

  FirstAnswers(List<TypeSubscription<?>> types) {
    types.forEach(type -> missing.add(type.typeUrl()));
  }

  CompletableFuture<Void> complete() {
    return complete;
  }

  @Override
  public void answered(String typeUrl, boolean accepted) {
    missing.remove(typeUrl);
    if (missing.isEmpty()) {
      complete.complete(null);
    }
  }
}
