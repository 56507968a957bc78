package dev.kiri.mesh.grpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which certificate authorities are trusted to vouch for the control plane.
public sealed interface RootSource {

  /// A file of PEM certificates, read for every new channel.
  record File(Path path) implements RootSource {}

  /// PEM certificates as they are.
  record Inline(String pem) implements RootSource {}

  /// Those of the operating system.
  record OperatingSystem() implements RootSource {}

  /// Reads a setting: `SYSTEM`, PEM text, or a path.
  ///
  /// Unlike upstream, a path that does not exist yet stays a path.
  static RootSource parse(String setting) {
    if (setting.equals("SYSTEM")) {
      return new OperatingSystem();
    }
    return setting.contains("-----BEGIN") ? new Inline(setting) : new File(Path.of(setting));
  }

  /// The PEM text, empty for the operating system's own.
  ///
  /// @throws IOException if the file cannot be read
  default byte[] read() throws IOException {
    return switch (this) {
      case File(var path) -> Files.readAllBytes(path);
      case Inline(var pem) -> pem.getBytes(StandardCharsets.UTF_8);
      case OperatingSystem() -> new byte[0];
    };
  }
}
