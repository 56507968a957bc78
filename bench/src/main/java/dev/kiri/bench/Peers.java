package dev.kiri.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What `--peer KIND=PATH` named.
final class Peers {
  private Peers() {}

  /// The executable of the one kind that a benchmark can measure beside ours, if any was named.
  ///
  /// @throws BenchFailed for another kind, or where no executable file is
  static Optional<Path> only(String kind, Map<String, Path> named) {
    for (var peer : named.entrySet()) {
      if (!peer.getKey().equals(kind)) {
        throw new BenchFailed("--peer " + peer.getKey() + ": the only kind accepted is " + kind);
      }
      if (!Files.isRegularFile(peer.getValue()) || !Files.isExecutable(peer.getValue())) {
        throw new BenchFailed(
            "--peer " + kind + "=" + peer.getValue() + ": not an executable file");
      }
    }
    return named.values().stream().findFirst();
  }
}
