package dev.kiri.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.PathNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The mesh's path normalisation options.
class PathNormalizationTest {
  @ParameterizedTest
  @CsvSource({
    "BASE, /a/b, /a/b",
    "BASE, /a/../b, /b",
    "BASE, /a/./b, /a/b",
    "BASE, /a/.., /",
    "BASE, /../../x, /x",
    "BASE, /a/..%2fb, /a/..%2fb",
    "BASE, /%61%2e%2E/b, /a../b",
    "BASE, /a/%2e%2e/b, /b",
    "BASE, /a\\b, /a/b",
    "BASE, /a//b, /a//b",
    "BASE, /a%2Fb, /a%2Fb",
    "BASE, /100%, /100%",
    "BASE, /%zz, /%zz",
    "MERGE_SLASHES, //a///b, /a/b",
    "MERGE_SLASHES, /a%2F%2Fb, /a%2F%2Fb",
    "DECODE_AND_MERGE_SLASHES, /a%2F%5cb, /a/b",
    "DECODE_AND_MERGE_SLASHES, /x/..%2fadmin, /admin",
    "NONE, /a/../b, /a/../b"
  })
  void a_path_has_one_form(PathNormalization option, String path, String expected)
      throws MalformedMessage {
    assertThat(normalized(option, path)).isEqualTo(expected);
  }

  @Test
  void an_escaped_nul_is_refused() {
    assertThatThrownBy(() -> normalized(PathNormalization.BASE, "/a%00b"))
        .isInstanceOf(MalformedMessage.class);
  }

  private static String normalized(PathNormalization option, String path) throws MalformedMessage {
    Head head = new Head();
    head.path(head.append(path));
    option.apply(head);
    return head.text(head.path());
  }
}
