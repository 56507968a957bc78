package dev.kiri.redirect.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The bytes on the wire, as istio `pkg/zdsapi/zds.proto` has them.
class ZdsMessagesTest {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of(
            new ZdsRequest.Add("x", new WorkloadInfo("p", "n", "s")),
            "0a 0e 0a 01 78 12 09 0a 01 70 12 01 6e 1a 01 73"),
        Arguments.of(new ZdsRequest.Keep("x"), "2a 03 0a 01 78"),
        Arguments.of(new ZdsRequest.Delete("x"), "12 03 12 01 78"),
        Arguments.of(new ZdsRequest.SnapshotSent(), "1a 00"));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void a_request_has_these_bytes(ZdsRequest request, String bytes) throws Exception {
    assertThat(HEX.formatHex(ZdsMessages.encode(request))).isEqualTo(bytes);
    assertThat(ZdsMessages.decode(HEX.parseHex(bytes))).isEqualTo(request);
  }

  @Test
  void hello_and_acknowledgements_have_these_bytes() {
    assertThat(HEX.formatHex(ZdsMessages.hello())).isEqualTo("08 01");
    assertThat(HEX.formatHex(ZdsMessages.ack(""))).isEqualTo("0a 00");
    assertThat(HEX.formatHex(ZdsMessages.ack("E"))).isEqualTo("0a 03 0a 01 45");
  }

  @Test
  void an_unknown_version_is_refused() {
    assertThatThrownBy(() -> ZdsMessages.checkHello(HEX.parseHex("08 00")))
        .isInstanceOf(InvalidZdsMessage.class);
    assertThatThrownBy(() -> ZdsMessages.checkHello(new byte[] {(byte) 0xff}))
        .isInstanceOf(InvalidZdsMessage.class);
  }

  @Test
  void an_add_without_workload_info_breaks_the_protocol() {
    assertThatThrownBy(() -> ZdsMessages.decode(HEX.parseHex("0a 03 0a 01 78")))
        .isInstanceOf(ZdsViolation.class);
  }

  @Test
  void a_request_of_an_unknown_kind_is_refused() {
    assertThatThrownBy(() -> ZdsMessages.decode(HEX.parseHex("32 00")))
        .isInstanceOf(InvalidZdsMessage.class);
  }

  @Test
  void a_message_that_would_not_fit_the_peers_buffer_is_not_made() {
    var request = new ZdsRequest.Add("x".repeat(1024), new WorkloadInfo("p", "n", "s"));

    assertThatThrownBy(() -> ZdsMessages.encode(request)).isInstanceOf(InvalidZdsMessage.class);
  }

  @Test
  void a_long_error_is_cut_so_that_the_acknowledgement_fits() {
    // The longest UTF-8 form of a char is three bytes.
    assertThat(ZdsMessages.ack("\u20ac".repeat(5000))).hasSizeLessThan(ZdsMessages.MAX_BYTES);
  }

  @Test
  void any_bytes_are_read_or_refused_but_never_anything_else() {
    var random = RandomGenerator.of("L64X128MixRandom");
    for (var i = 0; i < 10_000; i++) {
      var bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        ZdsMessages.decode(bytes);
        ZdsMessages.ackError(bytes);
        ZdsMessages.checkHello(bytes);
      } catch (InvalidZdsMessage | ZdsViolation refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
  }
}
