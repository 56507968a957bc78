package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopMemoryTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final LoopMemory memory = new LoopMemory();

  @Test
  void buffers_are_used_again_while_there_is_output_and_given_back_when_there_is_none() {
    var buffer = memory.takeSealed();
    memory.giveSealed(buffer);
    var scratch = memory.plaintext();
    scratch.release();
    for (int i = 0; i < 3; i++) {
      output();
      pass(LoopMemory.IDLE.toMillis());
    }
    var again = memory.takeSealed();
    assertThat(again).isSameAs(buffer);
    memory.giveSealed(again);

    pass(LoopMemory.IDLE.toMillis());

    assertThat(buffer.refCnt()).isZero();
    assertThat(scratch.refCnt()).isZero();
  }

  @Test
  void a_buffer_that_somebody_still_holds_stays_theirs() {
    var held = memory.plaintext();
    output();

    pass(LoopMemory.IDLE.toMillis());
    pass(LoopMemory.IDLE.toMillis());

    assertThat(held.refCnt()).isEqualTo(1);
    held.release();
    var next = memory.plaintext();
    assertThat(next).isNotSameAs(held);
    next.release();
    output();
    pass(LoopMemory.IDLE.toMillis());
    pass(LoopMemory.IDLE.toMillis());
    assertThat(next.refCnt()).isZero();
  }

  private void output() {
    memory.turn().atEnd(channel.eventLoop(), () -> {});
    channel.runPendingTasks();
  }

  private void pass(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }
}
