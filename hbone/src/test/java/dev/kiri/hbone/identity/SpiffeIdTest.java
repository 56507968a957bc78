package dev.kiri.hbone.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.testing.TestCa;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The identity's text form (istio/ztunnel `src/identity/manager.rs`) and where it stands in a
/// certificate.
final class SpiffeIdTest {

  @Test
  void reads_and_writes_the_three_fields() {
    var id = SpiffeId.parse("spiffe://cluster.local/ns/default/sa/client");

    assertThat(id).isEqualTo(SpiffeId.of("cluster.local", "default", "client"));
    assertThat(id).hasToString("spiffe://cluster.local/ns/default/sa/client");
  }

  @Test
  void empty_fields_are_not_refused() {
    assertThat(SpiffeId.parse("spiffe:///ns//sa/")).isEqualTo(SpiffeId.of("", "", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe://",
        "SPIFFE://td/ns/a/sa/b",
        "spiffe://td/ns/a",
        "spiffe://td/ns/a/sa",
        "spiffe://td/ns/a/sa/b/c",
        "spiffe://td/sa/a/ns/b",
        "https://td/ns/a/sa/b",
        "spiffe://td/a/b"
      })
  void refuses_everything_else(String text) {
    assertThatThrownBy(() -> SpiffeId.parse(text))
        .isInstanceOf(InvalidSpiffeId.class)
        .hasMessage("invalid spiffe identity: " + text);
  }

  @Test
  void random_text_is_read_or_refused_and_what_is_read_is_written_back_equal() {
    var random = new Random(5);
    var parts = List.of("spiffe://", "td", "/", "ns", "sa", "/ns/", "/sa/", "a%20b", "é", "");
    for (int i = 0; i < 100_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(8); n > 0; n--) {
        text.append(parts.get(random.nextInt(parts.size())));
      }
      var read = SpiffeId.parseOrNull(text.toString());
      if (read != null) {
        assertThat(read.uri()).isEqualTo(text.toString());
      }
    }
  }

  @Test
  void the_first_name_that_is_an_identity_counts() {
    var certificate =
        TestCa.root("ca")
            .leaf()
            .uri("https://example.com/")
            .uri("spiffe://td/ns/a/sa/b")
            .uri("spiffe://td/ns/a/sa/c")
            .certificate(TestCa.newKeys());

    var identities = CertificateIdentities.of(certificate);

    assertThat(identities.first()).isEqualTo(SpiffeId.of("td", "a", "b"));
    assertThat(identities.trustDomain()).isNull();
  }

  @Test
  void a_certificate_without_an_identity_is_none_of_a_workload() {
    var ca = TestCa.root("ca");

    assertThatThrownBy(() -> ca.leaf().uri("https://example.com/").issue(ca.certificate()))
        .hasMessage("invalid certificate: no SPIFFE identity in the leaf");
  }
}
