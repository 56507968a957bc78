package dev.kiri.redirect.agent;

/// Something happened to a pod. What it is now is looked up when the event is dealt with.
sealed interface PodEvent {
  /// The pod before the change; the same as now when only its namespace changed.
  Pod pod();

  /// It changed, or is to be looked at again.
  record Updated(Pod pod) implements PodEvent {}

  /// It may have changed in ways that no object tells: rules flushed, a namespace replaced.
  record Doubted(Pod pod) implements PodEvent {}

  /// It is gone.
  record Deleted(Pod pod) implements PodEvent {}

  /// Both events as one, this one being the earlier: what was before is what was before both.
  default PodEvent then(PodEvent later) {
    return switch (later) {
      case Deleted _ -> later;
      case Doubted _ -> new Doubted(pod());
      case Updated _ -> this instanceof Doubted ? this : new Updated(pod());
    };
  }
}
