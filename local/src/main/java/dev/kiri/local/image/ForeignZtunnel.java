package dev.kiri.local.image;

import dev.kiri.local.api.MeshException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// An executable that plays the node proxy in place of ours, upstream's ztunnel for one. It gets
/// the same arguments, environment, token and ZDS socket.
///
/// @param node where it does so; empty: on every node
public record ForeignZtunnel(Optional<String> node, Path executable) {
  private static final String VARIABLE = "KIRI_ZTUNNEL";

  /// What the environment asks for: `KIRI_ZTUNNEL=PATH`, or `KIRI_ZTUNNEL=NODE=PATH`.
  ///
  /// @throws MeshException when no executable file is there
  static Optional<ForeignZtunnel> of(Map<String, String> environment) {
    var text = environment.getOrDefault(VARIABLE, "");
    return text.isEmpty() ? Optional.empty() : Optional.of(parse(text));
  }

  private static ForeignZtunnel parse(String text) {
    int slash = text.indexOf('/');
    int equals = text.indexOf('=');
    boolean named = equals > 0 && (slash < 0 || equals < slash);
    var path = Path.of(named ? text.substring(equals + 1) : text).toAbsolutePath();
    if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
      throw new MeshException(
          "%s=%s: no executable file at %s; accepted are PATH and NODE=PATH, or unset it"
              .formatted(VARIABLE, text, path));
    }
    return new ForeignZtunnel(
        named ? Optional.of(text.substring(0, equals)) : Optional.empty(), path);
  }

  boolean runsOn(String name) {
    return node.isEmpty() || node.get().equals(name);
  }
}
