package dev.kiri.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
