package dev.kiri.ztunnel.dns;

import static dev.kiri.ztunnel.dns.DnsBytes.A;
import static dev.kiri.ztunnel.dns.DnsBytes.answer;
import static dev.kiri.ztunnel.dns.DnsBytes.query;
import static dev.kiri.ztunnel.dns.DnsBytes.question;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
  private final AtomicLong nanos = new AtomicLong(-5); // clocks may be negative
  private final AnswerCache cache = new AnswerCache(nanos::get);

  @Test
  void an_answer_is_told_again_with_the_time_that_is_left() {
    learn(question(1, "web.example.", A), 0, 60, "10.0.0.1");
    after(20);

    var told = told(question(2, "WEB.example.", A), 512);

    assertThat(told).isNotNull();
    var answer = DnsBytes.decode(told);
    assertThat(answer.id()).isEqualTo(2);
    assertThat(answer.ttls()).containsExactly(40L);
    assertThat(answer.records()).containsExactly("WEB.example. A 10.0.0.1");
  }

  @Test
  void it_is_forgotten_when_its_time_is_over() {
    learn(question(1, "web.example.", A), 0, 60, "10.0.0.1");
    after(60);

    assertThat(told(question(2, "web.example.", A), 512)).isNull();
    assertThat(cache.size()).isZero();
  }

  @Test
  void absence_is_remembered_for_half_a_minute_at_most() {
    learn(question(1, "gone.example.", A), DnsCode.NO_SUCH_NAME, 3600);
    after(29);
    var told = told(question(2, "gone.example.", A), 512);
    after(1);

    assertThat(told).isNotNull();
    told.release();
    assertThat(told(question(2, "gone.example.", A), 512)).isNull();
  }

  @Test
  void failures_and_answers_without_time_are_not_remembered() {
    learn(question(1, "a.example.", A), DnsCode.SERVER_FAILURE, 60);
    learn(question(1, "b.example.", A), 0, 0, "10.0.0.1");
    learn(question(1, "c.example.", A), 0, -1, "10.0.0.1");

    assertThat(cache.size()).isZero();
  }

  @Test
  void clients_that_ask_differently_get_answers_of_their_own() {
    learn(question(1, "web.example.", A), 0, 60, "10.0.0.1");

    assertThat(told(question(2, "web.example.", DnsBytes.AAAA), 512)).isNull();
    assertThat(told(question(2, "web.example.", A, 1232), 1232)).isNull();
    assertThat(told(question(2, "web.example.", A).setShort(2, 0), 512)).isNull();
    assertThat(told(question(2, "web.example.", A), 20)).isNull(); // does not fit
  }

  @Test
  void what_was_not_wanted_for_longest_makes_room() {
    for (int i = 0; i < AnswerCache.MAX_ANSWERS; i++) {
      learn(question(1, "n" + i + ".example.", A), 0, 60, "10.0.0.1");
    }
    told(question(2, "n0.example.", A), 512).release();

    learn(question(1, "one.more.example.", A), 0, 60, "10.0.0.1");

    assertThat(cache.size()).isEqualTo(AnswerCache.MAX_ANSWERS);
    assertThat(told(question(2, "n1.example.", A), 512)).isNull();
    var kept = told(question(2, "n0.example.", A), 512);
    assertThat(kept).isNotNull();
    kept.release();
  }

  @Test
  void long_answers_are_not_remembered() {
    var many = new String[40];
    for (int i = 0; i < many.length; i++) {
      many[i] = "10.0.0." + i;
    }

    learn(question(1, "many.example.", A), 0, 60, many);

    assertThat(cache.size()).isZero();
  }

  private void learn(ByteBuf question, int code, int ttl, String... addresses) {
    var query = query(question.duplicate());
    var message = answer(question, code, ttl, addresses);
    var reply = UpstreamReply.of(message, query.id(), query);
    assertThat(reply).isNotNull();
    cache.put(query, message, reply);
  }

  private @Nullable ByteBuf told(ByteBuf question, int limit) {
    return cache.get(ByteBufAllocator.DEFAULT, query(question), limit);
  }

  private void after(int seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }
}
