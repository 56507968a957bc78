package dev.kiri.hbone.pool;

import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.identity.SpiffeId;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What both ends saw of the streams of a pool, and every rule that it breaks. Thread-safe.
final class PoolLedger {
  private final IdentityHashMap<TunnelPeer, TunnelKey> keys = new IdentityHashMap<>();
  private final List<String> violations = new ArrayList<>();
  private int served;
  private int closed;

  /// The accepting end got a stream that was opened under `key`.
  synchronized void served(TunnelKey key, TunnelPeer tunnel, SpiffeId acceptedBy) {
    served++;
    if (!key.source().equals(tunnel.identity())) {
      violations.add("a stream of " + key.source() + " came as " + tunnel.identity());
    }
    if (!key.expected().contains(acceptedBy)) {
      violations.add("a stream for " + key.expected() + " came to " + acceptedBy);
    }
    var first = keys.putIfAbsent(tunnel, key);
    // by its text: how keys compare is part of what is examined
    if (first != null && !first.toString().equals(key.toString())) {
      violations.add("one tunnel carried " + first + " and " + key);
    }
  }

  /// The dialling end's handler heard `closed`.
  synchronized void closed(boolean before, StreamClosed why) {
    closed++;
    if (before) {
      violations.add("a stream was closed twice, the second time by " + why);
    }
    if (why instanceof StreamClosed.Failed(var failure) && failure.message().isBlank()) {
      violations.add("a stream failed without a reason");
    }
  }

  synchronized void tunnels(int count, int bound) {
    if (count > bound) {
      violations.add(count + " tunnels, " + bound + " are allowed");
    }
  }

  synchronized void atEnd(int opened, int tunnelsOfServers, int tunnelsOfPool) {
    if (closed != opened) {
      violations.add((opened - closed) + " streams were never closed");
    }
    if (tunnelsOfServers != 0 || tunnelsOfPool != 0) {
      violations.add(tunnelsOfPool + " tunnels leaked, " + tunnelsOfServers + " seen by servers");
    }
  }

  synchronized int served() {
    return served;
  }

  synchronized int closed() {
    return closed;
  }

  /// The first rule broken, null if none is.
  synchronized @Nullable String violation() {
    return violations.isEmpty() ? null : violations.getFirst();
  }
}
