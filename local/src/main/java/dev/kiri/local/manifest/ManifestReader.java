package dev.kiri.local.manifest;

import dev.kiri.local.manifest.Problem.Severity;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML (and JSON) from files, folders and text. Folders are read recursively in the order of
/// their names; hidden files and other file types are left out. Problems are collected.
public final class ManifestReader {
  private final List<Manifest> manifests = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  public List<Manifest> manifests() {
    return List.copyOf(manifests);
  }

  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /// Reads a file, or all manifests in a folder.
  public void read(Path path) {
    if (!Files.exists(path)) {
      problems.add(
          problem(
              new Origin(path.toString(), 1),
              "no such file or folder",
              "a file or folder of YAML manifests"));
      return;
    }
    if (!Files.isDirectory(path)) {
      readFile(path);
      return;
    }
    int before = manifests.size() + problems.size();
    try (var files = Files.walk(path)) {
      files.filter(f -> isManifest(path, f)).sorted().forEach(this::readFile);
    } catch (IOException | UncheckedIOException e) {
      problems.add(
          problem(
              new Origin(path.toString(), 1),
              String.valueOf(e.getMessage()),
              "a folder that can be read"));
    }
    if (manifests.size() + problems.size() == before) {
      problems.add(
          problem(
              new Origin(path.toString(), 1),
              "a folder without manifests",
              "files that end in .yaml, .yml or .json"));
    }
  }

  /// True for a file that [#read] takes up from a folder.
  public static boolean isManifest(Path folder, Path file) {
    for (var part : folder.relativize(file)) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    var name = file.toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(file)
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }

  private void readFile(Path file) {
    try {
      readText(file.toString(), Files.readString(file));
    } catch (MalformedInputException e) {
      problems.add(
          problem(new Origin(file.toString(), 1), "bytes that are no UTF-8", "YAML text in UTF-8"));
    } catch (IOException e) {
      problems.add(
          problem(
              new Origin(file.toString(), 1),
              "a file that cannot be read (" + reason(e) + ")",
              "a readable file"));
    }
  }

  /// Some exceptions have nothing but the path to say.
  private static String reason(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }

  /// Reads the documents of a text.
  public void readText(String file, String text) {
    List<Object> documents;
    try {
      documents = Yaml.documents(file, text);
    } catch (MarkedYamlEngineException e) {
      var at =
          e.getProblemMark()
              .map(m -> "line " + (m.getLine() + 1) + ", column " + (m.getColumn() + 1) + ": ")
              .orElse("");
      int number = documentOf(text, e.getProblemMark().map(m -> m.getLine()).orElse(0));
      problems.add(problem(new Origin(file, number), at + e.getProblem(), "well-formed YAML"));
      return;
    } catch (YamlEngineException e) {
      problems.add(
          problem(new Origin(file, 1), String.valueOf(e.getMessage()), "well-formed YAML"));
      return;
    }
    int number = 0;
    for (var document : documents) {
      add(new Origin(file, ++number), document);
    }
  }

  /// The number of the document that a line belongs to.
  private static int documentOf(String text, int line) {
    var lines = text.lines().limit(line + 1L).toList();
    int separators = 0;
    boolean content = false;
    for (var each : lines) {
      if (each.startsWith("---")) {
        separators += content ? 1 : 0;
        content = false;
      } else if (!each.isBlank() && !each.startsWith("#")) {
        content = true;
      }
    }
    return separators + 1;
  }

  private void add(Origin origin, Object document) {
    if (!(document instanceof Map<?, ?> map)) {
      problems.add(
          problem(origin, Found.of(document), "an object with apiVersion, kind and metadata"));
      return;
    }
    var object = KubeObject.of(map);
    if (object.kind().endsWith("List") && object.at("items") instanceof List<?> items) {
      items.forEach(i -> add(origin, i == null ? "" : i));
      return;
    }
    manifests.add(new Manifest(origin, object));
  }

  private static Problem problem(Origin origin, String found, String accepted) {
    return new Problem(Severity.ERROR, origin, "", "", found, accepted);
  }
}
