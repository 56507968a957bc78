package dev.kiri.redirect.agent;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The documents of a folder of YAML, at any depth. A scan reads only files that changed; one that
/// cannot be read keeps what it said before, and is complained about once. Names that begin with a
/// dot are on their way and are not looked at. Confined to one thread.
final class YamlTree {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");
  private static final YAMLMapper YAML = YAMLMapper.shared();
  private static final long MAX_FILE_BYTES = 8 * 1024 * 1024;

  private final Path root;
  private Map<Path, Source> sources = Map.of();

  YamlTree(Path root) {
    this.root = root;
  }

  /// What tells one content of a file from another; a renamed file has another key.
  private record Print(long modified, long size, @Nullable Object key) {}

  private record Source(Print print, List<JsonNode> documents) {}

  /// Looks at everything again.
  ///
  /// @param folders gets every folder seen
  /// @return whether anything changed
  boolean scan(List<Path> folders) throws IOException {
    var next = new TreeMap<Path, Source>();
    Files.walkFileTree(root, new Scan(next, folders));
    var changed = !next.equals(sources);
    sources = next;
    return changed;
  }

  /// All documents, in the order of their files' paths; lists are taken apart.
  List<JsonNode> documents() {
    return sources.values().stream().flatMap(source -> source.documents().stream()).toList();
  }

  private final class Scan extends SimpleFileVisitor<Path> {
    private final Map<Path, Source> next;
    private final List<Path> folders;

    Scan(Map<Path, Source> next, List<Path> folders) {
      this.next = next;
      this.folders = folders;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (isHidden(folder) && !folder.equals(root)) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      folders.add(folder);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!isHidden(file) && isYaml(file)) {
        var print =
            new Print(
                attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                attributes.size(),
                attributes.fileKey());
        var known = sources.get(file);
        var source =
            known != null && known.print().equals(print) ? known : read(file, print, known);
        if (source != null) {
          next.put(file, source);
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
      if (failed instanceof NoSuchFileException && !file.equals(root)) {
        return FileVisitResult.CONTINUE;
      }
      throw failed;
    }
  }

  private static @Nullable Source read(Path file, Print print, @Nullable Source known) {
    try {
      if (print.size() > MAX_FILE_BYTES) {
        throw new IOException("larger than " + MAX_FILE_BYTES + " bytes");
      }
      return new Source(print, parse(Files.readString(file)));
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException | JacksonException unreadable) {
      LOG.warn("{}: {}; what it said before stays in force", file, unreadable.getMessage());
      return new Source(print, known == null ? List.of() : known.documents());
    }
  }

  static List<JsonNode> parse(String yaml) {
    var documents = new ArrayList<JsonNode>();
    try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
      while (values.hasNextValue()) {
        var document = values.nextValue();
        if (document.path("items").isArray()) {
          document.path("items").forEach(documents::add);
        } else if (document.isObject()) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  private static boolean isHidden(Path path) {
    var name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  private static boolean isYaml(Path file) {
    var name = file.toString();
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  /// The documents by kind, namespace and name, as far as they have them.
  Map<ObjectName, JsonNode> byName() {
    var byName = new HashMap<ObjectName, JsonNode>();
    documents().forEach(document -> byName.put(ObjectName.of(document), document));
    return byName;
  }

  /// What an object is called.
  record ObjectName(String kind, String namespace, String name) {
    static ObjectName of(JsonNode object) {
      var metadata = object.path("metadata");
      return new ObjectName(
          object.path("kind").asString(""),
          metadata.path("namespace").asString(""),
          metadata.path("name").asString(""));
    }
  }
}
