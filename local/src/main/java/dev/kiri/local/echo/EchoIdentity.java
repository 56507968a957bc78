package dev.kiri.local.echo;

import io.netty.handler.ssl.SslContext;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Who answers on a port. Shared by all connections of a container's port; thread-safe.
record EchoIdentity(
    String pod,
    String namespace,
    String node,
    String version,
    int port,
    String portName,
    SslContext tls,
    Flakiness flakiness) {

  /// True where the port speaks TLS.
  boolean isTls() {
    return portName.startsWith("https") || portName.startsWith("tls");
  }

  /// True where the port takes every first byte for a line.
  boolean isPlainTcp() {
    return portName.equals("tcp") || portName.startsWith("tcp-");
  }

  /// Counts the requests of `/flaky/N`, for each N on its own.
  static final class Flakiness {
    /// Guards against endless numbers in paths; beyond it nothing is flaky.
    private static final int MAX_COUNTERS = 1000;

    private final ConcurrentHashMap<Long, AtomicLong> counters = new ConcurrentHashMap<>();

    /// True for every Nth call with the same N.
    boolean fails(long n) {
      if (n <= 0 || counters.size() >= MAX_COUNTERS && !counters.containsKey(n)) {
        return false;
      }
      return counters.computeIfAbsent(n, _ -> new AtomicLong()).incrementAndGet() % n == 0;
    }
  }
}
