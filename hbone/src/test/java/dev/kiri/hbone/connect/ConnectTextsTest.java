package dev.kiri.hbone.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Authority, baggage, forwarded and traceparent as upstream's proxies write and read them.
final class ConnectTextsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.1:8080", "[2001:db8::1]:80", "198.51.100.7:0", "203.0.113.9:65535"})
  void reads_addresses(String text) {
    assertThat(Authority.parse(text)).isInstanceOf(Authority.Address.class);
    assertThat(Authority.parse(text).port()).isBetween(0, 65535);
  }

  @Test
  void reads_a_host_name_and_writes_it_back() {
    var host = Authority.parse("server.default.svc.cluster.local:80");

    assertThat(host).isEqualTo(new Authority.Host("server.default.svc.cluster.local", 80));
    assertThat(host).hasToString("server.default.svc.cluster.local:80");
  }

  @Test
  void writes_ipv6_in_brackets() throws Exception {
    var address = new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 80);

    assertThat(Authority.of(address)).hasToString("[2001:db8::1]:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "host",
        "host:",
        ":80",
        "192.0.2.1",
        "host:65536",
        "host:-1",
        "host:+1",
        "host:8o",
        "2001:db8::1:80",
        "[2001:db8::1]",
        "[2001:db8::1%eth0]:80",
        "[192.0.2.1]:80",
        "a b:80",
        "user@host:80",
        "host/path:80",
        "host:000080"
      })
  void refuses_what_names_no_target(String text) {
    assertThatThrownBy(() -> Authority.parse(text))
        .isInstanceOf(InvalidAuthority.class)
        .hasMessage("no valid authority pseudo header: " + text);
  }

  @Test
  void random_text_is_an_authority_or_refused_and_nothing_else() {
    var random = new Random(11);
    var alphabet = "abc019.:[]%-_/@ \u00e9\0";
    for (int i = 0; i < 100_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(24); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        var read = Authority.parse(text);
        assertThat(Authority.parse(read.toString())).isEqualTo(read);
      } catch (InvalidAuthority e) {
        assertThat(e).hasMessageStartingWith("no valid authority");
      }
    }
  }

  @Test
  void baggage_survives_a_round_trip() {
    var baggage =
        new Baggage("Kubernetes", "default", "deployment", "curl", "curl", "v1", "r", "z");

    assertThat(baggage.format())
        .isEqualTo(
            "k8s.cluster.name=Kubernetes,k8s.namespace.name=default,k8s.deployment.name=curl,"
                + "service.name=curl,service.version=v1,cloud.region=r,cloud.availability_zone=z");
    assertThat(Baggage.parse(List.of(baggage.format()))).isEqualTo(baggage);
  }

  @Test
  void empty_values_are_unset_and_lines_are_merged() {
    var read =
        Baggage.parse(
            List.of(
                "k8s.cluster.name=,service.name=",
                "k8s.namespace.name=a",
                "unknown=x,service.name=b=c"));

    assertThat(read).isEqualTo(new Baggage(null, "a", null, null, "b", null, null, null));
    assertThat(Baggage.EMPTY.format()).isEmpty();
  }

  @Test
  void one_character_outside_ascii_spoils_the_baggage() {
    assertThat(Baggage.parse(List.of("service.name=a", "service.version=\u00e9")))
        .isEqualTo(Baggage.EMPTY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "by=a;for=b;host=example.com;proto=https | example.com",
        "by=a;for=b;host=\"example.com\";proto=https | example.com",
        "by=a;for=b;proto=https | none",
        "for=b;host= | none",
        "for=\u00e9;host=example.com | none"
      })
  void reads_the_host_of_forwarded(String line, @Nullable String host) {
    var read = Forwarded.parse(line);

    assertThat(read == null ? null : read.host()).isEqualTo(host);
  }

  @Test
  void writes_forwarded_as_upstream_does() {
    assertThat(new Forwarded("[2001:db8::1]:80", "echo.default.svc.cluster.local").format())
        .isEqualTo("for=\"[2001:db8::1]:80\";host=echo.default.svc.cluster.local");
  }

  @Test
  void a_traceparent_survives_a_round_trip_and_dashes_are_checked() {
    var made = TraceParent.random(new Random(3));

    assertThat(TraceParent.parse(made.format())).isEqualTo(made);
    assertThat(TraceParent.parse("0".repeat(55))).isNull();
    assertThat(TraceParent.parse("00-" + "z".repeat(32) + "-" + "0".repeat(16) + "-00")).isNull();
    assertThat(TraceParent.parse("")).isNull();
  }
}
