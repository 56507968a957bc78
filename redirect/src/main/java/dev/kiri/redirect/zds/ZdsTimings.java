package dev.kiri.redirect.zds;

import java.time.Duration;

/// How long each step of an exchange may take, at the agent's end.
///
/// @param hello until a new connection has said hello
/// @param write until a packet is taken by the peer's socket
/// @param ack until a request is answered
/// @param keepAlive how long a connection may be idle before it is looked at
public record ZdsTimings(Duration hello, Duration write, Duration ack, Duration keepAlive) {
  /// Upstream's: five seconds each.
  public static ZdsTimings upstream() {
    var five = Duration.ofSeconds(5);
    return new ZdsTimings(five, five, five, five);
  }
}
