package dev.kiri.local.manifest;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The mesh's own parts as ordinary manifests: what a cluster gets from charts.
public final class SystemManifests {
  public static final String NAMESPACE = "istio-system";

  private SystemManifests() {}

  /// @param programs the programs that can be started; objects for others are left out
  /// @param state the mesh's folder on this machine, mounted where the parts look for it
  public static List<KubeObject> of(Set<String> programs, Path state) {
    var out = new ArrayList<KubeObject>();
    for (var document :
        Yaml.documents("system.yaml", text().replace("@STATE@", state.toString()))) {
      var object = KubeObject.of(KubeObject.asMap(document));
      var needs = object.annotations().getOrDefault("local.kiri.dev/program", "");
      if (!needs.isEmpty() && !programs.contains(needs)) {
        continue;
      }
      out.add(object);
    }
    return out;
  }

  private static String text() {
    try (var in = SystemManifests.class.getResourceAsStream("system.yaml")) {
      if (in == null) {
        throw new IllegalStateException(
            "system.yaml is missing beside " + SystemManifests.class.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("reading system.yaml", e);
    }
  }
}
