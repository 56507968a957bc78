package dev.kiri.ops.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @Test
  void absent_values_are_replaced_by_their_defaults() {
    var settings = Settings.of(Map.of());

    assertThat(settings.text("A", "a")).isEqualTo("a");
    assertThat(settings.optional("A")).isNull();
    assertThat(settings.flag("B", true)).isTrue();
    assertThat(settings.optionalFlag("B")).isNull();
    assertThat(settings.integer("C", 7, 1, 9)).isEqualTo(7);
    assertThat(settings.duration("D", Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
    settings.finish();
  }

  @Test
  void given_values_are_read() {
    var settings =
        Settings.of(Map.of("A", "x", "B", "false", "C", "9", "D", "1h30m", "P_ONE", "1", "P_", ""));

    assertThat(settings.text("A", "a")).isEqualTo("x");
    assertThat(settings.flag("B", true)).isFalse();
    assertThat(settings.optionalFlag("B")).isFalse();
    assertThat(settings.integer("C", 7, 1, 9)).isEqualTo(9);
    assertThat(settings.duration("D", Duration.ZERO)).isEqualTo(Duration.ofMinutes(90));
    assertThat(settings.withPrefix("P_")).isEqualTo(Map.of("ONE", "1"));
    settings.finish();
  }

  @Test
  void all_problems_are_reported_together_in_the_order_of_reading() {
    var settings = Settings.of(Map.of("B", "yes", "C", "ten", "D", "5", "E", "11"));
    settings.flag("B", true);
    settings.integer("C", 1, 0, 10);
    settings.duration("D", Duration.ZERO);
    settings.integer("E", 1, 0, 10);
    settings.required("F");
    settings.problem("G and H exclude each other");

    assertThatThrownBy(settings::finish)
        .isInstanceOf(InvalidSettings.class)
        .hasMessage(
            """
            invalid env var B=yes (expected true or false)
            invalid env var C=ten (For input string: "ten")
            invalid env var D=5 (expected a duration such as 10s, 5m or 1h30m)
            invalid env var E=11 (expected 0 to 10)
            F must be set
            G and H exclude each other\
            """);
  }

  @ParameterizedTest
  @CsvSource({"10s,PT10S", "5m,PT5M", "1h30m,PT1H30M", "250ms,PT0.25S", "0s,PT0S"})
  void durations_are_read(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999s"})
  void other_texts_are_no_durations(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
