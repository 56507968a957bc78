package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.Fault;
import dev.kiri.waypoint.config.v1.Fraction;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.RequestMirror;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.Shop;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Failures that a VirtualService's rule makes up, over real sockets.
class FaultsPathTest {
  private final Shop shop = new Shop();
  private final EchoServer v1 = shop.v1();
  private final EchoServer v2 = shop.v2();
  private final WaypointFixture waypoint = shop.waypoint();
  private final InetSocketAddress front = shop.front();

  @AfterEach
  void stop() {
    shop.close();
  }

  private void rules(HttpRule.Builder rule) {
    waypoint.apply(Config.virtualService("v", 1, service -> service.addHttp(rule)));
  }

  private static HttpRule.Builder to(String service) {
    return HttpRule.newBuilder().addBackends(backend(service, 1));
  }

  private static Fraction.Builder share(int percent) {
    return Fraction.newBuilder().setNumerator(percent * 10_000).setDenominator(1_000_000);
  }

  @Test
  void an_aborted_request_reaches_no_backend_and_the_log_says_fault() throws Exception {
    rules(
        to("catalog")
            .setFault(
                Fault.newBuilder()
                    .setAbort(Fault.Abort.newBuilder().setHttpStatus(418).setShare(share(100)))));

    RawClient.Answer answer = shop.get("/");
    assertThat(answer.status()).isEqualTo(418);
    assertThat(answer.body()).isEqualTo("fault filter abort");
    await().until(() -> waypoint.observer().requests().size() == 1);
    RequestReport report = waypoint.observer().requests().getFirst();
    assertThat(report.flags()).isEqualTo("FI");
    assertThat(report.details()).isEqualTo("fault_filter_abort");
  }

  @Test
  void an_abort_may_be_told_to_grpc_clients_in_their_words() throws Exception {
    rules(
        to("catalog")
            .setFault(
                Fault.newBuilder()
                    .setAbort(Fault.Abort.newBuilder().setGrpcStatus(5).setShare(share(100)))));

    RawClient.Answer answer = shop.get("/", "content-type: application/grpc");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("grpc-status")).isEqualTo("5");
    assertThat(answer.header("grpc-message")).isEqualTo("fault filter abort");
  }

  @Test
  void a_share_of_requests_is_aborted() throws Exception {
    rules(
        to("catalog")
            .setFault(
                Fault.newBuilder()
                    .setAbort(Fault.Abort.newBuilder().setHttpStatus(500).setShare(share(50)))));

    int aborted = 0;
    try (var client = new RawClient(front)) {
      for (int i = 0; i < 400; i++) {
        aborted += client.get("/").answer().status() == 500 ? 1 : 0;
      }
    }
    assertThat(aborted).isBetween(140, 260);
  }

  @Test
  void a_delay_is_before_the_routes_timeout_and_keeps_the_body() throws Exception {
    rules(
        to("catalog")
            .setTimeouts(HttpTimeouts.newBuilder().setRequest(Config.millis(5000)))
            .setFault(
                Fault.newBuilder()
                    .setDelay(
                        Fault.Delay.newBuilder()
                            .setDuration(Config.millis(300))
                            .setShare(share(100)))));

    long began = System.nanoTime();
    try (var client = new RawClient(front)) {
      client.send("POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\n\r\nhello");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("hello");
    }
    assertThat(System.nanoTime() - began).isGreaterThan(300_000_000L);
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("DI");
  }

  @Test
  void a_client_that_leaves_during_a_delay_reaches_no_backend() throws Exception {
    var copy = RequestMirror.newBuilder().setBackend(backend("other", 1));
    rules(
        to("catalog")
            .addFilters(HttpFilter.newBuilder().setMirror(copy))
            .setFault(
                Fault.newBuilder()
                    .setDelay(
                        Fault.Delay.newBuilder()
                            .setDuration(Config.millis(60_000))
                            .setShare(share(100)))));

    try (var client = new RawClient(front)) {
      client.get("/");
      await().until(() -> v2.requests() == 1);
      client.socket().setSoLinger(true, 0);
    }
    await().until(() -> waypoint.observer().requests().size() == 1);
    RequestReport report = waypoint.observer().requests().getFirst();
    assertThat(report.flags()).isEqualTo("DC,DI");
    assertThat(report.target()).isNull();
    assertThat(v1.requests()).isZero();
  }
}
