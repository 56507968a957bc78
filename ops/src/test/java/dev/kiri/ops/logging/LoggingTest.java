package dev.kiri.ops.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.accesslog.LogLevel;
import dev.kiri.ops.admin.AdminRequest;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LoggerContext context = new LoggerContext();

  @Test
  void a_line_has_upstreams_layout() {
    try (var logging = start(LogFormat.PLAIN, "info")) {
      assertThat(logging.filter()).hasToString("info");
      context
          .getLogger("dev.kiri.ztunnel.inbound.InboundListener")
          .atInfo()
          .addKeyValue("address", new java.net.InetSocketAddress("192.0.2.1", 15008))
          .addKeyValue("component", "inbound")
          .addKeyValue("transparent", true)
          .log("listener established");
    }

    assertThat(out.toString(UTF_8))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\tinfo\tztunnel.inbound\t"
                + "listener established\t"
                + "address=192.0.2.1:15008 component=\"inbound\" transparent=true\n");
  }

  @Test
  void json_lines_carry_the_same() {
    try (var logging = start(LogFormat.JSON, "info")) {
      assertThat(logging.dropped()).isZero();
      context.getLogger("readiness").warn("not \"ready\"");
    }

    assertThat(out.toString(UTF_8))
        .startsWith("{\"level\":\"warn\",\"time\":\"")
        .endsWith(",\"scope\":\"readiness\",\"message\":\"not \\\"ready\\\"\"}\n");
  }

  @Test
  void an_exception_stays_on_its_line() {
    try (var logging = start(LogFormat.PLAIN, "info")) {
      assertThat(logging.filter().level()).isEqualTo(LogLevel.INFO);
      context.getLogger("a").error("broken", new IllegalStateException("why"));
    }

    assertThat(out.toString(UTF_8).lines()).hasSize(1);
    assertThat(out.toString(UTF_8)).contains("exception=\"java.lang.IllegalStateException: why\\n");
  }

  @Test
  void levels_change_for_a_scope_while_running() {
    try (var logging = start(LogFormat.PLAIN, "info")) {
      var access = logging.accessLog();
      var other = context.getLogger("dev.kiri.hbone.pool.TunnelPool");
      assertThat(access.enabled(LogLevel.DEBUG)).isFalse();

      logging.add("access=debug,hbone::pool=trace");

      assertThat(access.enabled(LogLevel.DEBUG)).isTrue();
      assertThat(other.isTraceEnabled()).isTrue();
      assertThat(context.getLogger("else").isDebugEnabled()).isFalse();

      logging.reset("");

      assertThat(access.enabled(LogLevel.DEBUG)).isFalse();
      assertThat(other.isTraceEnabled()).isFalse();
    }
  }

  @Test
  void the_admin_path_lists_changes_and_resets() throws Exception {
    try (var logging = start(LogFormat.PLAIN, "info")) {
      assertThat(post(logging, Map.of())).isEqualTo("200 current log level is info\n");
      assertThat(post(logging, Map.of("level", "debug")))
          .isEqualTo("200 current log level is info,debug\n");
      assertThat(post(logging, Map.of("level", "access:debug,info", "reset", "")))
          .isEqualTo("200 current log level is info,access=debug,info\n");
      assertThat(post(logging, Map.of("reset", ""))).isEqualTo("200 current log level is info\n");
      assertThat(post(logging, Map.of("level", "invalid_level")))
          .startsWith("400 Invalid level provided: invalid_level\nusage: POST /logging");
    }
  }

  @Test
  void a_filter_that_is_not_understood_is_refused() {
    assertThatThrownBy(() -> LogFilter.parse("access=loud"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected off, error, warn, info, debug or trace");
  }

  private Logging start(LogFormat format, String filter) {
    var writer = new LineWriter(out, 100);
    return new Logging(context, writer, format, LogFilter.parse(filter));
  }

  private static String post(Logging logging, Map<String, String> query) throws Exception {
    var lists = new java.util.HashMap<String, List<String>>();
    query.forEach((name, value) -> lists.put(name, List.of(value)));
    var response =
        logging.handler().handle(new AdminRequest("POST", "/logging", lists, Map.of(), ""));
    var body = new ByteArrayOutputStream();
    response.body().writeTo(body);
    return response.status() + " " + body.toString(UTF_8);
  }
}
