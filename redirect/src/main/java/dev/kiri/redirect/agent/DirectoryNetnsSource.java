package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// Finds a pod's namespace as a file named by the pod's uid, where something mounted it.
final class DirectoryNetnsSource implements NetnsSource {
  private final Path folder;
  private final HomeNetns home;

  DirectoryNetnsSource(Path folder, HomeNetns home) {
    this.folder = folder;
    this.home = home;
  }

  @Override
  public Map<String, PodNetns> find(Collection<Pod> pods) throws IOException {
    var found = new HashMap<String, PodNetns>();
    for (var pod : pods) {
      var file = folder.resolve(pod.uid());
      // A uid that is a path would lead out of the folder.
      if (folder.equals(file.getParent()) && Files.exists(file)) {
        open(pod, file, found);
      }
    }
    return found;
  }

  private void open(Pod pod, Path file, Map<String, PodNetns> found) throws IOException {
    PodNetns netns;
    try {
      netns = PodNetns.open(file, home);
    } catch (IOException notYetMounted) {
      return;
    }
    if (netns.isHome()) {
      netns.close();
      throw new IOException(file + " is the namespace of the agent itself, not of pod " + pod);
    }
    found.put(pod.uid(), netns);
  }
}
