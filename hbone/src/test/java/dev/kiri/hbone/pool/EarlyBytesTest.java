package dev.kiri.hbone.pool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.PartialHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Bytes that go along with a CONNECT request, before its answer, between real ends.
final class EarlyBytesTest extends BetweenTwo {
  @Test
  void what_is_said_along_with_a_request_arrives_before_what_is_said_after_the_answer() {
    var in = mesh(10);

    var said = saidEarly(in);
    var answer = said.answered.join();

    assertThat(said.closed.join()).isInstanceOf(StreamClosed.Finished.class);
    assertThat(answer).isEqualTo("early late");
  }

  @Test
  void a_peer_that_has_not_said_that_it_takes_them_gets_none() {
    var in = mesh(10);

    // the server's SETTINGS come when the client has spoken, so after the first request
    var first = say(in);

    assertThat(first.answered.join()).isEqualTo(" late");
    assertThat(first.early).isZero();
  }

  @Test
  void what_came_along_with_a_request_that_is_refused_reaches_nobody() {
    var in = mesh(10);
    saidEarly(in).closed.join();
    app.close();

    // each refusal is heard, so the tunnel has been heard of: the next one is told
    var refused = new AtomicReference<Saying>();
    await()
        .until(
            () -> {
              var saying = say(in);
              saying.closed.join();
              refused.set(saying);
              return saying.early > 0;
            });

    assertThat(refused.get().closed.join())
        .isEqualTo(new StreamClosed.Failed(new HboneFailure.Refused(503)));
    assertThat(refused.get().answered).isNotDone();
    assertThat(in.bridgeErrors).isEmpty();
  }

  /// A stream that was told something early: a tunnel that was silent for a second is told nothing.
  private Saying saidEarly(LoopbackMesh in) {
    var told = new AtomicReference<Saying>();
    await()
        .until(
            () -> {
              var saying = say(in);
              saying.closed.join();
              told.set(saying);
              return saying.early > 0;
            });
    return told.get();
  }

  private Saying say(LoopbackMesh in) {
    var saying = new Saying();
    var request = ConnectRequest.to(Authority.of(app.address()));
    in.pool().open(in.loops().next(), in.key(), request, saying);
    return saying;
  }

  /// Says `early` while asking, if that is taken, and ` late` after the answer.
  private static final class Saying implements PartialHandler {
    final CompletableFuture<String> answered = new CompletableFuture<>();
    final CompletableFuture<StreamClosed> closed = new CompletableFuture<>();
    private final StringBuilder heard = new StringBuilder();
    volatile int early;

    @Override
    public void asked(HboneStream stream) {
      early = write(stream, "early");
    }

    @Override
    public void opened(HboneStream stream, ConnectResponse response) {
      if (response.accepted()) {
        write(stream, " late");
        stream.end();
      }
    }

    private static int write(HboneStream stream, String text) {
      var bytes = Unpooled.directBuffer().writeBytes(text.getBytes(US_ASCII));
      try {
        stream.write(bytes);
        return bytes.readerIndex();
      } finally {
        bytes.release();
      }
    }

    @Override
    public void data(ByteBuf borrowed) {
      heard.append(borrowed.toString(US_ASCII));
    }

    @Override
    public void end() {
      answered.complete(heard.toString());
    }

    @Override
    public void closed(StreamClosed why) {
      closed.complete(why);
    }
  }
}
