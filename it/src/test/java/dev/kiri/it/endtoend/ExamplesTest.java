package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every folder of `examples/` about routes, all in one mesh, each in its own namespace.
class ExamplesTest {
  private static final String MESH = "it-examples-" + ProcessHandle.current().pid();
  private static final List<String> NAMES =
      List.of(
          "protocols",
          "canary",
          "mirror",
          "resilience",
          "cors",
          "filters",
          "sessions",
          "consumer",
          "virtualservice",
          "egress");
  private static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]*)\"");
  private static final Pattern PATH = Pattern.compile("\"path\":\"([^\"]*)\"");

  private static final Kiri KIRI = new Kiri(Map.of());

  @BeforeAll
  static void starts_all() throws Exception {
    Kiri.assumeThatMeshesCanRun();
    List<String> line = new ArrayList<>(List.of("up", "--name", MESH, "--detach"));
    for (String name : NAMES) {
      line.addAll(List.of("-f", Kiri.example(name)));
    }
    assertThat(KIRI.run(line.toArray(String[]::new)).code()).isZero();
  }

  @AfterAll
  static void takes_down() throws Exception {
    if (!Kiri.launcher().isEmpty()) {
      KIRI.run("down", "--name", MESH);
    }
  }

  /// What a shell in the example's client prints.
  private static String shell(String example, String script) throws Exception {
    return KIRI.run("exec", "--name", MESH, example + "/client", "--", "sh", "-c", script).text();
  }

  private static String curl(String example, String arguments) throws Exception {
    return shell(example, "curl -s -m 10 " + arguments);
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static String first(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? found.group(1) : "none in: " + text;
  }

  @Test
  void a_canary_gets_its_share_and_whoever_asks_for_it() throws Exception {
    var versions =
        all(VERSION, shell("canary", "for i in $(seq 50); do curl -s -m 10 http://web/; done"));
    assertThat(versions).hasSize(50);
    assertThat(Collections.frequency(versions, "v2")).isBetween(8, 12);

    assertThat(first(VERSION, curl("canary", "-H 'x-preview: yes' http://web/"))).isEqualTo("v2");
  }

  /// Every second request is failed by v2: the copy is the one nobody hears of.
  @Test
  void a_mirror_gets_a_copy_and_is_not_heard() throws Exception {
    String status = "-o /dev/null -w '%{http_code}' ";
    assertThat(curl("mirror", status + "http://web-v2/flaky/2")).isEqualTo("200");
    assertThat(first(VERSION, curl("mirror", "http://web/flaky/2"))).isEqualTo("v1");
    assertThat(curl("mirror", status + "http://web-v2/flaky/2")).isEqualTo("200");
  }

  @Test
  void failures_are_tried_again_and_slow_answers_given_up() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(curl("resilience", "-o /dev/null -w '%{http_code}' http://web/flaky/2"))
          .isEqualTo("200");
    }
    assertThat(curl("resilience", "-w ' %{http_code}' http://web/delay/5000"))
        .isEqualTo("upstream request timeout 504");
  }

  @ParameterizedTest
  @CsvSource({
    "https://shop.example, https://shop.example",
    "https://a.b.shop.example, https://a.b.shop.example",
    "https://other.example, ''"
  })
  void browsers_are_told_which_pages_may_ask(String origin, String allowed) throws Exception {
    String head =
        curl(
            "cors",
            "-i -X OPTIONS -H 'Origin: "
                + origin
                + "' -H 'Access-Control-Request-Method: PUT' http://web/");

    assertThat(first(Pattern.compile("(?i)access-control-allow-origin: (\\S+)"), head))
        .matches(allowed.isEmpty() ? "(?s)none in.*" : Pattern.quote(allowed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://web/                         | v1 | /",
        "-H 'end-user: jason' http://web/    | v2 | /",
        "http://web/api/v2/orders            | v2 | /orders",
        "http://web/api/v1                   | v1 | /api/v1"
      })
  void a_virtual_service_chooses_subsets_and_paths(String arguments, String version, String path)
      throws Exception {
    String answer = curl("virtualservice", arguments);

    assertThat(first(VERSION, answer)).isEqualTo(version);
    assertThat(first(PATH, answer)).isEqualTo(path);
  }

  @Test
  void a_virtual_service_answers_by_itself_where_its_rules_say_so() throws Exception {
    assertThat(
            curl(
                "virtualservice",
                "-o /dev/null -w '%{http_code} %{redirect_url}' http://web/old/x"))
        .isEqualTo("308 http://web/new");
    assertThat(curl("virtualservice", "-w ' %{http_code}' -H 'x-break: yes' http://web/"))
        .isEqualTo("fault filter abort 418");
    assertThat(curl("virtualservice", "http://web/")).contains("x-routed-by");
  }

  @ParameterizedTest
  @CsvSource({
    "http://api.outside.example/, 200, '\"port\":8080'",
    "http://api.outside.example:81/, 200, '\"tls\":true'",
    "http://one.wild.example/, 200, '\"port\":8080'",
    "-H Host:other.example http://one.wild.example/, 404, ''",
    "http://203.0.113.80:8080/, 200, '\"port\":8080'"
  })
  void what_is_outside_is_reached_by_name_wildcard_and_address(
      String asked, String status, String seen) throws Exception {
    assertThat(curl("egress", "-w ' %{http_code}' " + asked)).contains(seen).endsWith(status);
  }

  @Test
  void calls_connections_and_names_in_a_hello_are_routed() throws Exception {
    String call =
        "-i --output - --http2-prior-knowledge -X POST -H 'content-type: application/grpc' -H 'te:"
            + " trailers' --data-binary @/dev/null http://echo:7070";
    assertThat(curl("protocols", call + "/shop.Echo/Next")).contains("\"version\":\"v2\"");
    assertThat(curl("protocols", call + "/shop.Echo/Other")).contains("\"version\":\"v1\"");
    assertThat(curl("protocols", call + "/other.Service/Next")).contains("grpc-status: 12");

    assertThat(
            KIRI.run(
                    "exec",
                    "--name",
                    MESH,
                    "protocols/client",
                    "--",
                    "bash",
                    "-c",
                    "exec 3<>/dev/tcp/echo/9090; echo hello >&3; head -1 <&3")
                .text())
        .contains("v2");

    String tls = "-k -w ' %{http_code}' --connect-to ::echo:8443 https://";
    assertThat(first(VERSION, curl("protocols", tls + "one.example/"))).isEqualTo("v1");
    assertThat(first(VERSION, curl("protocols", tls + "a.two.example/"))).isEqualTo("v2");
    assertThat(curl("protocols", tls + "other.example/")).isEqualTo(" 000");
  }

  @Test
  void requests_and_answers_are_changed_on_the_way() throws Exception {
    assertThat(
            curl("filters", "-o /dev/null -w '%{http_code} %{redirect_url}' http://web/old/page"))
        .isEqualTo("301 http://web/new/page");

    String shop = curl("filters", "-i -H 'x-internal: 1' http://web/shop/cart");
    assertThat(shop).contains("\"path\":\"/cart\"", "\"host\":\"inside.example\"", "x-shop");
    assertThat(shop).containsIgnoringCase("x-answered-by: shop").doesNotContain("x-internal");

    for (int i = 0; i < 6; i++) {
      String marked = curl("filters", "http://web/");
      assertThat(marked).contains("\"x-version\":[\"" + first(VERSION, marked) + "\"]");
    }
  }

  @Test
  void a_session_stays_with_its_version() throws Exception {
    String jar = "rm -f /tmp/jar; for i in $(seq 8); do ";
    var stayed =
        all(
            VERSION,
            shell(
                "sessions",
                jar + "curl -s -b /tmp/jar -c /tmp/jar http://web/; done;" + " rm /tmp/jar"));
    assertThat(stayed).hasSize(8);
    assertThat(Set.copyOf(stayed)).hasSize(1);

    var drawn = all(VERSION, shell("sessions", jar + "curl -s http://web/; done"));
    assertThat(drawn).contains("v1", "v2");
  }

  @Test
  void clients_of_a_namespace_get_the_routes_they_made_for_themselves() throws Exception {
    assertThat(first(VERSION, curl("consumer", "http://web.consumer/"))).isEqualTo("v1");
    assertThat(first(VERSION, curl("buyers", "http://web.consumer/"))).isEqualTo("v2");
    assertThat(curl("buyers", "-w ' %{http_code}' http://web.consumer/delay/4000"))
        .isEqualTo("upstream request timeout 504");
  }
}
