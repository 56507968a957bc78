package dev.kiri.local.pod;

import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Starts containers inside a pod's namespaces. Thread-safe.
public interface ContainerLauncher {
  /// What a container is started with.
  ///
  /// @param enter the command line that goes inside, up to the command
  /// @param netns the bound file of the pod's network namespace
  record Start(
      KubeObject pod,
      ContainerSpec container,
      Map<String, String> environment,
      List<String> enter,
      Path netns,
      Path log) {

    /// Replaces `$(NAME)` in a word of the command line.
    public String expand(String word) {
      return Environment.expand(word, environment);
    }
  }

  RunningContainer start(Start start) throws IOException;
}
