package dev.kiri.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.ops.admin.AdminRequest;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void names_and_help_are_printed_as_upstream_prints_them() {
    Counter.builder()
        .name("istio_tcp_connections_opened")
        .help("The total number of TCP connections opened.")
        .labelNames("reporter")
        .register(metrics.registry())
        .labelValues("source")
        .inc();

    assertThat(metrics.text())
        .isEqualTo(
            """
            # TYPE istio_tcp_connections_opened counter
            # HELP istio_tcp_connections_opened The total number of TCP connections opened.
            istio_tcp_connections_opened_total{reporter="source"} 1.0
            # EOF
            """);
  }

  @Test
  void a_family_without_samples_is_omitted() {
    Counter.builder().name("a").labelNames("x").register(metrics.registry());

    assertThat(metrics.text()).isEqualTo("# EOF\n");
  }

  @Test
  void the_process_shows_its_build_and_its_descriptors() {
    metrics.withProcess("ztunnel", "unknown");

    assertThat(metrics.text())
        .contains("istio_build{component=\"ztunnel\",tag=\"unknown\"} 1.0\n")
        .containsPattern("process_open_fds \\d+")
        .containsPattern("process_max_fds \\d+");
  }

  @Test
  void the_media_type_is_negotiated() throws Exception {
    assertThat(type("application/openmetrics-text; version=1.0.0,text/plain;q=0.5"))
        .isEqualTo("application/openmetrics-text;charset=utf-8;version=1.0.0");
    assertThat(type("*/*")).isEqualTo("text/plain; charset=utf-8");
  }

  private String type(String accept) throws Exception {
    var headers = Map.of("accept", accept);
    var request = new AdminRequest("GET", "/metrics", Map.of(), headers, "");
    return metrics.handler().handle(request).headers().getOrDefault("content-type", "");
  }
}
