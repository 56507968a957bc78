package dev.kiri.hbone.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.transport.NettyTransport;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import org.junit.jupiter.api.Assumptions;

/// Transports for tests that are about one: never the next best.
public final class Transports {

  /// The transport, if this machine has it; else the test is skipped, and says so.
  public static NettyTransport require(NettyTransport.Kind kind) {
    switch (kind) {
      case IO_URING ->
          Assumptions.assumeTrue(
              IoUring.isAvailable(), () -> "no io_uring: " + IoUring.unavailabilityCause());
      case EPOLL ->
          Assumptions.assumeTrue(
              Epoll.isAvailable(), () -> "no epoll: " + Epoll.unavailabilityCause());
      case NIO -> {}
    }
    var chosen = NettyTransport.choose(kind);
    assertThat(chosen.kind()).isEqualTo(kind);
    return chosen;
  }

  private Transports() {}
}
