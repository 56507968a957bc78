package dev.kiri.local.mesh;

import dev.kiri.local.api.Json;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `up` was asked for, handed to the supervisor as a file in the state folder.
///
/// @param sources files and folders of manifests, absolute
/// @param settings environment variables for the mesh's own programs: `NAME` for all of them or
///     `program.NAME` for one
/// @param rootless the supervisor runs in a user namespace of its own
public record MeshOptions(
    String name, int nodes, List<String> sources, Map<String, String> settings, boolean rootless) {
  private static final String FILE = "options.json";

  public MeshOptions {
    sources = List.copyOf(sources);
    settings = Map.copyOf(settings);
  }

  public void write(Path folder) {
    var tree = new LinkedHashMap<String, Object>();
    tree.put("name", name);
    tree.put("nodes", nodes);
    tree.put("sources", sources);
    tree.put("settings", settings);
    tree.put("rootless", rootless);
    try {
      Files.writeString(folder.resolve(FILE), Json.pretty(tree));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + folder.resolve(FILE), e);
    }
  }

  static MeshOptions read(Path folder) {
    try {
      var tree = KubeObject.of(Json.object(Files.readString(folder.resolve(FILE))));
      return new MeshOptions(
          tree.text("name"),
          tree.number(2, "nodes"),
          KubeObject.textsOf(tree.at("sources")),
          tree.texts("settings"),
          tree.flag(false, "rootless"));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + folder.resolve(FILE), e);
    }
  }
}
