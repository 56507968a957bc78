package dev.kiri.ztunnel;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which build this is, from the jar's manifest.
final class BuildVersion {
  private BuildVersion() {}

  static String version() {
    var written = BuildVersion.class.getPackage().getImplementationVersion();
    return written == null ? "0.1.0-SNAPSHOT" : written;
  }

  /// As upstream prints its own.
  static String line() {
    return "version.BuildInfo{Version:\""
        + version()
        + "\", JavaVersion:\""
        + Runtime.version()
        + "\"}";
  }

  /// For `/config_dump`.
  static Map<String, @Nullable Object> json(String istioVersion) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("version", version());
    json.put("gitRevision", version());
    json.put("javaVersion", Runtime.version().toString());
    json.put("buildProfile", "release");
    json.put("buildStatus", "Clean");
    json.put("istioVersion", istioVersion);
    json.put("cryptoProvider", "tls-boringssl");
    return json;
  }
}
