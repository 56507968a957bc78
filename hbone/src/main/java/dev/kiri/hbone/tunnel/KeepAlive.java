package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks the peer from time to time whether it is there, whatever the traffic, as upstream does
/// (istio/ztunnel `src/proxy/h2.rs`): the next PING goes out one interval after the last answer.
/// Also limits the wait for the peer's first SETTINGS. Confined to the tunnel's loop.
final class KeepAlive {
  private static final long PAYLOAD = 0x6b69_7269_7069_6e67L;

  private final Tunnel tunnel;
  private @Nullable Future<?> next;

  KeepAlive(Tunnel tunnel) {
    this.tunnel = tunnel;
  }

  void start() {
    var settings = tunnel.settings();
    var patience = settings.handshakeTimeout();
    if (patience.compareTo(settings.pingInterval()) < 0) {
      next = after(this::requireConfirmed, patience.toMillis());
    } else {
      next = after(this::ping, settings.pingInterval().toMillis());
    }
  }

  private Future<?> after(Runnable what, long millis) {
    return tunnel.loop().schedule(what, millis, TimeUnit.MILLISECONDS);
  }

  private void requireConfirmed() {
    if (!tunnel.isConfirmed()) {
      tunnel.fail(new TunnelError(H2Error.SETTINGS_TIMEOUT, "no SETTINGS in time"));
      return;
    }
    var settings = tunnel.settings();
    long rest = settings.pingInterval().minus(settings.handshakeTimeout()).toMillis();
    next = after(this::ping, Math.max(1, rest));
  }

  private void ping() {
    if (!tunnel.isConfirmed()) {
      requireConfirmed();
      return;
    }
    tunnel.output().ping(PAYLOAD);
    tunnel.planFlush();
    next = after(this::unanswered, tunnel.settings().pingTimeout().toMillis());
  }

  private void unanswered() {
    tunnel.close("HBONE ping timeout/error, peer may have shutdown");
  }

  void answered() {
    stop();
    next = after(this::ping, tunnel.settings().pingInterval().toMillis());
  }

  void stop() {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
  }
}
