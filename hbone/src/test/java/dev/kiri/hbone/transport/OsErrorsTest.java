package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OsErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "finishConnect(..) failed with error(-111): Connection refused: /192.0.2.1:80"
            + "|Connection refused (os error 111)",
        "bind(..) failed with error(-4095): odd|Unknown error 4095 (os error 4095)",
        "Connection refused: getsockopt|Connection refused (os error 111)",
        "Connection reset|Connection reset by peer (os error 104)",
        "Too many open files|Too many open files (os error 24)",
        "Too many open files in system|Too many open files in system (os error 23)",
        "closed by us|closed by us"
      })
  void messages_become_the_words_of_the_system(String message, String text) {
    assertThat(OsErrors.text(new IOException(message))).isEqualTo(text);
  }

  @Test
  void what_the_type_says_is_said() {
    assertThat(OsErrors.text(new ConnectTimeoutException("x"))).isEqualTo("deadline has elapsed");
    assertThat(OsErrors.text(new NoRouteToHostException()))
        .isEqualTo("No route to host (os error 113)");
  }

  @Test
  void there_is_always_a_text() {
    assertThat(OsErrors.text(null)).isEqualTo("unknown error");
    assertThat(OsErrors.text(new IOException())).isEqualTo("IOException");
  }
}
