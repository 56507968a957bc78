package dev.kiri.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Asks again and again until a server that is being started answers.
record FirstAnswer(InetSocketAddress server, Duration longest) {
  private static final long PAUSE_NANOS = 2_000_000;

  /// When it did, by `clock`, in milliseconds since 1970.
  ///
  /// @throws IOException the last failure, when the time is over
  long await(Clock clock) throws IOException {
    long end = System.nanoTime() + longest.toNanos();
    while (true) {
      try (var connection = HttpConnection.open(server, "/1k", false)) {
        connection.exchange();
        return clock.millis();
      } catch (IOException notYet) {
        if (System.nanoTime() - end > 0) {
          throw notYet;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
