package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the network namespaces of pods.
public interface NetnsSource {
  /// Opens the namespaces of those of the pods that have one, by uid. The handles are the caller's.
  ///
  /// @throws IOException when none could be looked for
  Map<String, PodNetns> find(Collection<Pod> pods) throws IOException;

  /// The namespace of one pod; null when it has none.
  default @Nullable PodNetns find(Pod pod) throws IOException {
    return find(List.of(pod)).get(pod.uid());
  }
}
