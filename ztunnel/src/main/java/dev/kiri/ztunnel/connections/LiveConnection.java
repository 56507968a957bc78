package dev.kiri.ztunnel.connections;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.ztunnel.telemetry.Direction;
import org.jspecify.annotations.Nullable;

/// A connection that is being carried out. All calls on its event loop.
public interface LiveConnection {
  /// Which table it belongs to.
  Direction direction();

  /// Its line in the dump.
  Entry describe();

  /// Ends it if the mesh no longer allows it.
  void reconsider(MeshSnapshot mesh);

  /// Ends it now; `why` goes into its log line.
  void abort(Ending why);

  /// Why a connection is ended from outside.
  enum Ending {
    /// The pod is gone or the process ends.
    DRAIN("connection closed due to connection drain"),
    /// The deadline of a graceful end has passed.
    DEADLINE("connection failed to drain within the timeout");

    private final String text;

    Ending(String text) {
      this.text = text;
    }

    /// Upstream's text.
    public String text() {
      return text;
    }
  }

  /// One connection in `/config_dump`; addresses as `ip:port`.
  record Entry(
      String source, @Nullable String originalTarget, String actualTarget, String protocol) {}
}
