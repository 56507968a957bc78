package dev.kiri.redirect.agent;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Writes pods' annotations into the overlay tree, a file a pod, of which this agent is the only
/// writer. A file appears whole, by renaming. Thread-safe for different pods.
final class AnnotationOverlay {
  private static final YAMLMapper YAML = YAMLMapper.shared();

  private final Path folder;

  /// What was last written, by the pod's uid.
  private final Map<String, Said> said = new ConcurrentHashMap<>();

  /// @param why it is not captured; empty where nobody needs to know
  private record Said(Redirection state, String why) {
    static final Said NOTHING = new Said(Redirection.NONE, "");
  }

  AnnotationOverlay(Path overlay) {
    this.folder = overlay.resolve("pod");
  }

  void write(Pod pod, Redirection state) throws IOException {
    var before = said.get(pod.uid());
    var why = state == Redirection.PENDING && before != null ? before.why() : "";
    write(pod, new Said(state, why));
  }

  /// Adds why a pod is not captured to what was last said of it, whatever was read back since.
  void explain(Pod pod, String why) throws IOException {
    var before = said.get(pod.uid());
    write(pod, new Said(before == null ? pod.redirection() : before.state(), why));
  }

  private void write(Pod pod, Said what) throws IOException {
    var file = folder.resolve(pod.namespace()).resolve(pod.name() + ".yaml");
    if (what.equals(Said.NOTHING)) {
      said.remove(pod.uid());
      Files.deleteIfExists(file);
      return;
    }
    said.put(pod.uid(), what);
    var text = YAML.writeValueAsString(document(pod, what));
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    var parent = folder.resolve(pod.namespace());
    Files.createDirectories(parent);
    var temporary = parent.resolve("." + pod.name() + ".tmp");
    Files.writeString(temporary, text);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Removes what was written for pods that are no more.
  ///
  /// @param existing the names of all pods, by namespace
  void prune(Map<String, List<String>> existing) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    for (var namespace : list(folder)) {
      var names =
          new HashSet<>(existing.getOrDefault(namespace.getFileName().toString(), List.of()));
      for (var file : list(namespace)) {
        var name = file.getFileName().toString();
        if (name.endsWith(".yaml") && !names.contains(name.substring(0, name.length() - 5))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static Collection<Path> list(Path folder) throws IOException {
    var found = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(folder)) {
      entries.forEach(found::add);
    } catch (DirectoryIteratorException failed) {
      throw failed.getCause();
    }
    return found;
  }

  private static Object document(Pod pod, Said what) {
    var document = JsonNodeFactory.instance.objectNode();
    document.put("apiVersion", "v1").put("kind", "Pod");
    var metadata = document.putObject("metadata");
    metadata.put("name", pod.name()).put("namespace", pod.namespace()).put("uid", pod.uid());
    var annotations = metadata.putObject("annotations");
    var state = what.state().text();
    if (state != null) {
      annotations.put(MeshLabels.REDIRECTION, state);
    }
    if (!what.why().isEmpty()) {
      annotations.put(MeshLabels.REDIRECTION_MESSAGE, what.why());
    }
    return document;
  }
}
