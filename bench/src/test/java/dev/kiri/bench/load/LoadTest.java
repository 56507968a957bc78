package dev.kiri.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void an_open_loop_sends_as_many_requests_as_are_due() throws InterruptedException {
    server.createContext("/1k", LoadTest::answer);

    var seen = openLoop(2, 100).run();

    assertThat(seen).containsEntry("requests", 50L).containsEntry("errors", 0L);
    assertThat((double) seen.get("p50")).isPositive();
  }

  @Test
  void a_late_answer_counts_for_all_that_had_to_wait_for_it() throws InterruptedException {
    var release = new CountDownLatch(1);
    server.createContext(
        "/1k",
        exchange -> {
          try {
            release.await(300, TimeUnit.MILLISECONDS); // counts for the first request only
            release.countDown();
            answer(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    var seen = openLoop(1, 100).run();

    assertThat((double) seen.get("p50"))
        .as("a closed loop would have seen one slow request, and the others fast")
        .isGreaterThan(40_000);
  }

  @Test
  void what_is_no_200_is_an_error() throws InterruptedException {
    server.createContext("/other", LoadTest::answer);

    assertThat(openLoop(2, 100).run()).containsEntry("errors", 2L);
  }

  @Test
  void held_connections_stay_until_nobody_holds_them() throws IOException {
    server.createContext("/1k", LoadTest::answer);
    var standing = new ArrayList<Map<String, Object>>();

    var ended = new Hold(address(), 3).run(InputStream.nullInputStream(), standing::add);

    assertThat(standing).containsExactly(Map.of("held", 3, "errors", 0));
    assertThat(ended).isEqualTo(Map.of("open", 3, "ended", 0, "reset", 0));
  }

  @Test
  void a_held_connection_that_is_reset_is_told_from_one_that_ended() throws Exception {
    assertThat(heldUntilServerCloses(-1)).isEqualTo(Map.of("open", 0, "ended", 1, "reset", 0));
    assertThat(heldUntilServerCloses(0)).isEqualTo(Map.of("open", 0, "ended", 0, "reset", 1));
  }

  /// A linger time of 0 makes closing a reset.
  private Map<String, Object> heldUntilServerCloses(int linger) throws Exception {
    try (var listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      var accepted = threads.submit(() -> answeredOnce(listener));
      var at = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
      return new Hold(at, 1)
          .run(InputStream.nullInputStream(), standing -> close(accepted, linger));
    }
  }

  private static Socket answeredOnce(ServerSocket listener) throws IOException {
    var socket = listener.accept();
    assertThat(socket.getInputStream().read(new byte[1000])).isPositive();
    var answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static void close(Future<Socket> accepted, int linger) {
    try (var socket = accepted.get(5, TimeUnit.SECONDS)) {
      socket.setSoLinger(linger >= 0, Math.max(0, linger));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_server_that_cannot_be_reached_is_an_error_of_the_holder() throws IOException {
    server.stop(0);
    var standing = new ArrayList<Map<String, Object>>();

    new Hold(address(), 3).run(InputStream.nullInputStream(), standing::add);

    assertThat(standing).containsExactly(Map.of("held", 0, "errors", 1));
  }

  @Test
  void the_first_answer_is_waited_for_while_others_fail() throws IOException {
    var asked = new AtomicInteger();
    server.createContext(
        "/1k",
        exchange -> {
          if (asked.incrementAndGet() < 3) {
            exchange.close();
          } else {
            answer(exchange);
          }
        });
    var at = Instant.ofEpochMilli(42);

    var first =
        new FirstAnswer(address(), Duration.ofSeconds(5)).await(Clock.fixed(at, ZoneOffset.UTC));

    assertThat(first).isEqualTo(42);
    assertThat(asked).hasValue(3);
  }

  @Test
  void a_churn_counts_connections_that_were_answered() throws InterruptedException {
    server.createContext("/1k", LoadTest::answer);

    var seen = new Churn(address(), 2, Duration.ZERO, Duration.ofMillis(200)).run();

    assertThat((long) seen.get("connections")).isPositive();
    assertThat(seen).containsEntry("errors", 0L);
  }

  private OpenLoop openLoop(int connections, int rate) {
    return new OpenLoop(address(), connections, rate, Duration.ZERO, Duration.ofMillis(500));
  }

  private InetSocketAddress address() {
    return server.getAddress();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    var body = new byte[1024];
    exchange.sendResponseHeaders(200, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
