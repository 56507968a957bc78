package dev.kiri.ztunnel.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.ztunnel.share.Occasionally;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AcceptErrorsTest {
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void a_listener_that_cannot_accept_pauses_before_it_tries_again() {
    var listener = new EmbeddedChannel(new AcceptErrors(new Occasionally(nanos::get)));
    listener.freezeTime();

    listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));

    assertThat(listener.config().isAutoRead()).isFalse();
    listener.advanceTimeBy(AcceptErrors.PAUSE_MILLIS - 1, TimeUnit.MILLISECONDS);
    listener.runScheduledPendingTasks();
    assertThat(listener.config().isAutoRead()).isFalse();
    listener.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    listener.runScheduledPendingTasks();
    assertThat(listener.config().isAutoRead()).isTrue();
    listener.checkException(); // and nobody else hears of it
  }

  @Test
  void what_happens_often_is_told_once_in_an_interval() {
    var told = new Occasionally(nanos::get);

    assertThat(told.due()).isTrue();
    assertThat(told.due()).isFalse();
    nanos.addAndGet(Occasionally.INTERVAL.toNanos() - 1);
    assertThat(told.due()).isFalse();
    nanos.addAndGet(1);
    assertThat(told.due()).isTrue();
    assertThat(told.due()).isFalse();
  }
}
