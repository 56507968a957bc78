package dev.kiri.mesh.xds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/// Addresses that are asked of the control plane when somebody wants them, instead of all of them.
/// Thread-safe; never blocks.
///
/// A name that was asked for once stays subscribed: from then on the control plane tells of it by
/// itself, also when it comes into being later, and nobody waits for it again. At most [#MAX_NAMES]
/// are; more are answered with what is known.
public final class Demands {
  static final int MAX_NAMES = 10_000;

  private static final String ALL = "*";

  private final ConcurrentMap<String, CompletableFuture<Boolean>> wanted =
      new ConcurrentHashMap<>();
  private volatile Runnable changed = () -> {};

  /// Completes when the control plane has said what it knows of a name, which then is in the store,
  /// or with false after the limit. Names are `network/address` and `namespace/hostname`.
  public CompletionStage<Boolean> want(String name, Duration limit) {
    var known = wanted.get(name);
    if (known == null) {
      if (wanted.size() >= MAX_NAMES) {
        return CompletableFuture.completedStage(false);
      }
      var asked = new CompletableFuture<Boolean>();
      known = wanted.putIfAbsent(name, asked);
      if (known == null) {
        known = asked;
        changed.run();
      }
    }
    return known.isDone()
        ? CompletableFuture.completedStage(true)
        : known.copy().completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Calls this whenever a new name is wanted.
  void onChange(Runnable listener) {
    changed = listener;
  }

  /// What a new connection subscribes to: by naming `*` in both, nothing but what it names besides.
  List<String> all() {
    var names = new ArrayList<String>();
    names.add(ALL);
    names.addAll(wanted.keySet());
    return names;
  }

  /// What a new connection gives up.
  static List<String> none() {
    return List.of(ALL);
  }

  /// The names that are wanted and not among those a connection has asked for.
  List<String> missing(Collection<String> asked) {
    return wanted.keySet().stream().filter(name -> !asked.contains(name)).toList();
  }

  /// The control plane has answered about these, by name or by alias.
  void answered(Collection<String> names) {
    for (var name : names) {
      var waiting = wanted.get(name);
      if (waiting != null) {
        waiting.complete(true);
      }
    }
  }
}
