package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Changes that were not told yet, for each object what the last ones come to: the newest version
/// or its end, and a refusal that came after it. Confined to the source's lock.
final class PendingChanges {
  private final Map<ObjectKey, ObjectChange> changes = new LinkedHashMap<>();
  private final Map<ObjectKey, ObjectChange> refusals = new LinkedHashMap<>();

  void add(ObjectChange change) {
    switch (change) {
      case ObjectChange.Refused refusal -> refusals.put(refusal.key(), refusal);
      case ObjectChange.Put put -> replace(put);
      case ObjectChange.Gone gone -> replace(gone);
    }
  }

  private void replace(ObjectChange change) {
    changes.put(change.key(), change);
    refusals.remove(change.key());
  }

  boolean isEmpty() {
    return changes.isEmpty() && refusals.isEmpty();
  }

  /// Takes everything, in an order in which it may be told.
  List<ObjectChange> take() {
    List<ObjectChange> all = new ArrayList<>(changes.values());
    all.addAll(refusals.values());
    changes.clear();
    refusals.clear();
    return all;
  }
}
