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
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Writes pods' annotations into the overlay tree, a file a pod, of which this agent is the only
/// writer. A file appears whole, by renaming. Thread-safe for different pods.
final class AnnotationOverlay {
  private static final YAMLMapper YAML = YAMLMapper.shared();

  private final Path folder;

  AnnotationOverlay(Path overlay) {
    this.folder = overlay.resolve("pod");
  }

  void write(Pod pod, Redirection state) throws IOException {
    var file = folder.resolve(pod.namespace()).resolve(pod.name() + ".yaml");
    var value = state.text();
    if (value == null) {
      Files.deleteIfExists(file);
      return;
    }
    var text = YAML.writeValueAsString(document(pod, value));
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

  private static Object document(Pod pod, String value) {
    var document = JsonNodeFactory.instance.objectNode();
    document.put("apiVersion", "v1").put("kind", "Pod");
    var metadata = document.putObject("metadata");
    metadata.put("name", pod.name()).put("namespace", pod.namespace()).put("uid", pod.uid());
    metadata.putObject("annotations").put(MeshLabels.REDIRECTION, value);
    return document;
  }
}
