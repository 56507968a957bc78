package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.Problem;
import java.util.List;

/// Hears what a source has to say. Called on the source's thread, one call at a time.
public interface SourceListener {
  /// Objects changed together. The first batch after the start holds all objects there are.
  void changed(List<ObjectChange> changes);

  /// Everything that is wrong with the documents of the source at the moment, sorted.
  void problems(List<Problem> problems);
}
