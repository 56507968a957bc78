package dev.kiri.ztunnel.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// What the mesh's configuration says about proxies: `PROXY_CONFIG`, and `defaultConfig` in the
/// mounted mesh configuration. Both become variables of the environment, for which the
/// environment's own values, then `PROXY_CONFIG`, then the file decide (istio/ztunnel
/// `src/config.rs`).
final class ProxyConfig {
  /// Relative to the working directory, as upstream's.
  static final Path MESH = Path.of("./etc/istio/config/mesh");

  private static final String METADATA = "ISTIO_META_";

  private ProxyConfig() {}

  /// The environment with what the two say; problems are added to the list.
  static Map<String, String> over(
      Map<String, String> environment, Path meshFile, List<String> problems) {
    var all = new TreeMap<String, String>();
    all.putAll(fromFile(meshFile, problems));
    var given = environment.get("PROXY_CONFIG");
    if (given != null && !given.isEmpty()) {
      all.putAll(read(given, "proxy config env", problems));
    }
    all.putAll(environment);
    return all;
  }

  private static Map<String, String> fromFile(Path meshFile, List<String> problems) {
    if (!Files.exists(meshFile)) {
      return Map.of();
    }
    var what = "mesh config file " + meshFile;
    try {
      var mesh = yaml(Files.readString(meshFile));
      return mesh.get("defaultConfig") instanceof Map<?, ?> config
          ? variables(config, what, problems)
          : Map.of();
    } catch (IOException | YamlEngineException malformed) {
      problems.add("failed parsing " + what + ": " + malformed.getMessage());
      return Map.of();
    }
  }

  private static Map<String, String> read(String text, String what, List<String> problems) {
    try {
      return variables(yaml(text), what, problems);
    } catch (YamlEngineException malformed) {
      problems.add("failed parsing " + what + ": " + malformed.getMessage());
      return Map.of();
    }
  }

  private static Map<?, ?> yaml(String text) {
    var document = new Load(LoadSettings.builder().build()).loadFromString(text);
    if (document == null) {
      return Map.of();
    }
    if (document instanceof Map<?, ?> map) {
      return map;
    }
    throw new YamlEngineException("expected an object");
  }

  private static Map<String, String> variables(
      Map<?, ?> config, String what, List<String> problems) {
    var found = new HashMap<String, String>();
    address(found, text(config.get("discoveryAddress")));
    for (var known :
        List.of(
            Map.entry("proxyAdminPort", "KIRI_ADMIN_PORT"),
            Map.entry("statsPort", "KIRI_STATS_PORT"),
            Map.entry("concurrency", "ZTUNNEL_WORKER_THREADS"))) {
      var value = config.get(known.getKey());
      if (value instanceof Number number) {
        found.put(known.getValue(), number.toString());
      } else if (value != null) {
        problems.add(
            "failed parsing %s: %s: expected a number, got %s"
                .formatted(what, known.getKey(), value));
      }
    }
    metadata(found, config.get("proxyMetadata"), what, problems);
    return found;
  }

  /// The way to the control plane is the way to its authority, too.
  private static void address(Map<String, String> found, @Nullable String address) {
    if (address != null) {
      var uri = address.contains("://") ? address : "https://" + address;
      found.put("XDS_ADDRESS", uri);
      found.put("CA_ADDRESS", uri);
    }
  }

  private static void metadata(
      Map<String, String> found, @Nullable Object metadata, String what, List<String> problems) {
    if (metadata == null) {
      return; // upstream insists on it, without need
    }
    if (!(metadata instanceof Map<?, ?> values)) {
      problems.add("failed parsing " + what + ": proxyMetadata: expected an object");
      return;
    }
    for (var entry : new ArrayList<>(values.entrySet())) {
      var key = String.valueOf(entry.getKey());
      var name = key.startsWith(METADATA) ? key : METADATA + key;
      found.put(name, String.valueOf(entry.getValue()));
    }
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}
