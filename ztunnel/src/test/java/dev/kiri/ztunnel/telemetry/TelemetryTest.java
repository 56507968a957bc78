package dev.kiri.ztunnel.telemetry;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.metrics.Metrics;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Lines and metrics as the recorded ones of upstream's ztunnel.
class TelemetryTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-24T02:16:59.535581Z"), ZoneOffset.UTC);
  private static final InetSocketAddress CLIENT = at("192.0.2.2", 12705);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Metrics metrics = new Metrics();
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void an_outbound_connection_in_a_tunnel() {
    var line =
        line(
            LogFormat.PLAIN,
            telemetry -> {
              var report = telemetry.opened(tunnelled(Direction.OUTBOUND), 0);
              report.request(80);
              report.response(1264);
              nanos.set(TimeUnit.MICROSECONDS.toNanos(52_999));
              report.closed();
              report.failed(ResponseFlag.CONNECT, "too late");
            });

    assertThat(line)
        .isEqualTo(
            "2026-11-24T02:16:59.535581Z\tinfo\taccess\tconnection complete\t"
                + "src.addr=192.0.2.2:12705 src.workload=\"client\" src.namespace=\"default\""
                + " src.identity=\"spiffe://cluster.local/ns/default/sa/client\""
                + " dst.addr=192.0.2.3:15008 dst.hbone_addr=192.0.2.3:8080"
                + " dst.service=\"svc.com\" dst.workload=\"server\" dst.namespace=\"default\""
                + " dst.identity=\"spiffe://cluster.local/ns/default/sa/server\""
                + " direction=\"outbound\" bytes_sent=80 bytes_recv=1264 duration=\"52ms\"\n");
  }

  @Test
  void an_inbound_connection_that_failed_as_json() {
    var line =
        line(
            LogFormat.JSON,
            telemetry -> {
              var report = telemetry.opened(tunnelled(Direction.INBOUND), 0);
              report.request(80);
              report.response(1264);
              report.failed(ResponseFlag.DENY, "connection closed due to policy change");
            });

    assertThat(line)
        .isEqualTo(
            "{\"level\":\"error\",\"time\":\"2026-11-24T02:16:59.535581Z\",\"scope\":\"access\","
                + "\"message\":\"connection complete\",\"src.addr\":\"192.0.2.2:12705\","
                + "\"src.workload\":\"client\",\"src.namespace\":\"default\","
                + "\"src.identity\":\"spiffe://cluster.local/ns/default/sa/client\","
                + "\"dst.addr\":\"192.0.2.3:15008\",\"dst.hbone_addr\":\"192.0.2.3:8080\","
                + "\"dst.service\":\"svc.com\",\"dst.workload\":\"server\","
                + "\"dst.namespace\":\"default\","
                + "\"dst.identity\":\"spiffe://cluster.local/ns/default/sa/server\","
                + "\"direction\":\"inbound\",\"bytes_sent\":1264,\"bytes_recv\":80,"
                + "\"duration\":\"0ms\",\"error\":\"connection closed due to policy change\"}\n");
  }

  @Test
  void a_connection_refused_before_anything_was_known() {
    var line =
        line(
            LogFormat.PLAIN,
            telemetry ->
                telemetry.refused(
                    Direction.OUTBOUND,
                    CLIENT,
                    at("198.51.100.1", 80),
                    "no healthy upstream: 198.51.100.1:80"));

    assertThat(line)
        .isEqualTo(
            "2026-11-24T02:16:59.535581Z\twarn\taccess\tconnection failed\t"
                + "src.addr=192.0.2.2:12705 dst.addr=198.51.100.1:80 direction=\"outbound\""
                + " error=\"no healthy upstream: 198.51.100.1:80\"\n");
    assertThat(metrics.text()).doesNotContain("istio_tcp_connections_opened");
  }

  @Test
  void metrics_count_connections_and_bytes_under_upstreams_names() {
    line(
        LogFormat.PLAIN,
        telemetry -> {
          telemetry.socketOpened(Direction.INBOUND);
          var report = telemetry.opened(tunnelled(Direction.INBOUND), 0);
          report.request(80);
          report.response(1264);
          report.failed(ResponseFlag.DENY, "x");
        });

    assertThat(samples("istio_tcp_connections_opened_total"))
        .contains("reporter=\"destination\"")
        .contains("source_principal=\"spiffe://cluster.local/ns/default/sa/client\"")
        .contains("destination_service=\"svc.com\"")
        .contains("destination_service_name=\"svc\"")
        .contains("response_flags=\"-\"")
        .contains("connection_security_policy=\"mutual_tls\"")
        .contains("source_workload=\"unknown\"")
        .endsWith(" 1.0");
    assertThat(samples("istio_tcp_connections_closed_total")).contains("response_flags=\"DENY\"");
    assertThat(samples("istio_tcp_connections_failed_total")).contains("response_flags=\"DENY\"");
    assertThat(samples("istio_tcp_received_bytes_total")).endsWith(" 80.0");
    assertThat(samples("istio_tcp_sent_bytes_total")).endsWith(" 1264.0");
    assertThat(samples("istio_tcp_sockets_open"))
        .isEqualTo("istio_tcp_sockets_open{reporter=\"destination\"} 1.0");
  }

  @Test
  void series_that_nobody_uses_are_removed_when_there_are_too_many() {
    var traffic = new TrafficMetrics(metrics.registry(), nanos::get);
    for (int i = 0; i < TrafficMetrics.MAX_SERIES; i++) {
      var labels = labels(i);
      traffic.close(traffic.open(labels), labels, ResponseFlag.NONE);
    }
    nanos.set(TrafficMetrics.IDLE.toNanos() + 1);

    traffic.open(labels(TrafficMetrics.MAX_SERIES));

    assertThat(traffic.seriesCount()).isEqualTo(1);
    assertThat(
            metrics.text().lines().filter(l -> l.startsWith("istio_tcp_connections_opened_total")))
        .hasSize(1);
  }

  /// Each look-up counts, also one whose answer is remembered.
  @Test
  void host_names_looked_up_are_counted_by_who_wanted_to_go_there() {
    var source =
        new WorkloadBuilder("uid")
            .name("default", "client-7d")
            .serviceAccount("client")
            .owner(dev.kiri.mesh.workload.WorkloadType.DEPLOYMENT, "client")
            .canonical("client-svc", "v1")
            .build();
    line(
        LogFormat.PLAIN,
        telemetry -> {
          telemetry.lookedUp(source, "db.example");
          telemetry.lookedUp(source, "db.example");
        });

    assertThat(samples("istio_on_demand_dns_total"))
        .isEqualTo(
            "istio_on_demand_dns_total{hostname=\"db.example\",source_app=\"client-svc\","
                + "source_canonical_revision=\"v1\",source_canonical_service=\"client-svc\","
                + "source_cluster=\"Kubernetes\","
                + "source_principal=\"spiffe://cluster.local/ns/default/sa/client\","
                + "source_version=\"v1\",source_workload=\"client\","
                + "source_workload_namespace=\"default\"} 2.0");
  }

  @Test
  void of_too_many_names_those_nobody_asked_for_in_a_while_are_forgotten() {
    var lookups = new LookupMetrics(metrics.registry(), nanos::get);
    var source = new WorkloadBuilder("uid").name("default", "client").build();
    for (int i = 0; i < IdleSeries.MAX; i++) {
      lookups.lookedUp(source, "h" + i + ".example");
    }
    nanos.set(IdleSeries.IDLE.toNanos() + 1);

    lookups.lookedUp(source, "last.example");

    assertThat(metrics.text().lines().filter(l -> l.startsWith("istio_on_demand_dns_total")))
        .singleElement()
        .asString()
        .contains("last.example");
  }

  private static java.util.List<String> labels(int index) {
    var facts =
        new ConnectionFacts(
            Direction.OUTBOUND,
            CLIENT,
            PeerLabels.of(
                new WorkloadBuilder("u")
                    .owner(dev.kiri.mesh.workload.WorkloadType.POD, "w" + index)
                    .build()),
            null,
            at("192.0.2.3", 80),
            null,
            null,
            null,
            null,
            null);
    return TrafficLabels.of(facts);
  }

  private String samples(String name) {
    return metrics.text().lines().filter(l -> l.startsWith(name)).findFirst().orElse("");
  }

  private static ConnectionFacts tunnelled(Direction direction) {
    var client = SpiffeId.of("cluster.local", "default", "client");
    var server = SpiffeId.of("cluster.local", "default", "server");
    return new ConnectionFacts(
        direction,
        CLIENT,
        peer("client"),
        client,
        at("192.0.2.3", 15008),
        "192.0.2.3:8080",
        service("svc").namespace("default").build(),
        peer("server"),
        server,
        server);
  }

  private static PeerLabels peer(String name) {
    return PeerLabels.of(new WorkloadBuilder("uid").name("default", name).clusterId("").build());
  }

  private String line(LogFormat format, java.util.function.Consumer<Telemetry> action) {
    try (var writer = new LineWriter(out, 100)) {
      var log =
          new AccessLog(
              writer, format, CLOCK, level -> level != dev.kiri.ops.accesslog.LogLevel.DEBUG);
      action.accept(new Telemetry(log, metrics.registry(), nanos::get));
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
