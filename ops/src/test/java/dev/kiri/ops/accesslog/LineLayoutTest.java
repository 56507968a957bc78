package dev.kiri.ops.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LineLayoutTest {
  private static final Instant TIME = Instant.parse("2026-11-24T02:16:59.535581Z");

  @Test
  void a_plain_line_is_tab_separated_with_quoted_texts() {
    assertThat(line(LogFormat.PLAIN))
        .isEqualTo(
            "2026-11-24T02:16:59.535581Z\tinfo\taccess\tconnection complete\t"
                + "src.addr=192.0.2.1:5 src.workload=\"shop \\\"a\\\"\" bytes_sent=11");
  }

  @Test
  void a_json_line_has_level_time_scope_and_message_first() {
    assertThat(line(LogFormat.JSON))
        .isEqualTo(
            "{\"level\":\"info\",\"time\":\"2026-11-24T02:16:59.535581Z\",\"scope\":\"access\","
                + "\"message\":\"connection complete\",\"src.addr\":\"192.0.2.1:5\","
                + "\"src.workload\":\"shop \\\"a\\\"\",\"bytes_sent\":11}");
  }

  @Test
  void line_breaks_and_control_characters_cannot_forge_a_line() {
    var plain =
        LineLayout.begin(LogFormat.PLAIN, TIME, LogLevel.WARN, "a", "one\ntwo")
            .quoted("k", "x\n\u0001\ty")
            .end();

    assertThat(plain).endsWith("\twarn\ta\tone\\ntwo\tk=\"x\\n\\u0001\\ty\"");
  }

  @Test
  void a_line_without_fields_keeps_its_last_tab() {
    assertThat(LineLayout.begin(LogFormat.PLAIN, TIME, LogLevel.INFO, "app", "up").end())
        .endsWith("\tinfo\tapp\tup\t");
  }

  private static String line(LogFormat format) {
    return LineLayout.begin(format, TIME, LogLevel.INFO, "access", "connection complete")
        .bare("src.addr", "192.0.2.1:5")
        .quoted("src.workload", "shop \"a\"")
        .number("bytes_sent", 11)
        .end();
  }
}
