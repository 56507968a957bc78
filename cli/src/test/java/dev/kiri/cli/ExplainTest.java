package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `kirictl explain`: whom it asks, what it makes of the answers.
class ExplainTest {
  private static final String PODS =
      """
      kind: Pod
      metadata: {name: ztunnel-1, namespace: istio-system, labels: {app: ztunnel}}
      spec: {nodeName: worker-1}
      ---
      kind: Pod
      metadata: {name: ztunnel-2, namespace: istio-system, labels: {app: ztunnel}}
      spec: {nodeName: worker-2}
      ---
      kind: Pod
      metadata:
        name: web
        namespace: shop
        labels: {app: web}
        annotations: {ambient.istio.io/redirection: enabled}
      spec: {nodeName: worker-1}
      ---
      kind: Pod
      metadata: {name: cart, namespace: shop, annotations: {ambient.istio.io/redirection: enabled}}
      spec: {nodeName: worker-2}
      ---
      kind: Pod
      metadata: {name: wp, namespace: shop}
      spec: {nodeName: worker-2}
      ---
      kind: Pod
      metadata: {name: old, namespace: shop}
      spec: {nodeName: worker-1}
      """;
  private static final String LEAVING =
      "GET istio-system/ztunnel-1:15000/debug/explain?src=shop/web&dst=cart&port=80";
  private static final String ARRIVING =
      "GET istio-system/ztunnel-2:15000/debug/explain?src=shop/web&to=shop/cart&port=8080";
  private static final String ADMITTED =
      """
      {"decision": "admitted, connecting to 10.0.2.9:8080", "outcome": "ADMITTED",
       "steps": ["no allow policies, allow"]}
      """;
  private static final String DIRECT =
      """
      {"decision": "HBONE to 10.0.2.9:15008 for 10.0.2.9:8080", "outcome": "HBONE",
       "throughWaypoint": false, "destinationPod": "shop/cart", "port": 8080,
       "steps": ["target is service shop/cart"], "policy": ["no allow policies, allow"]}
      """;
  private static final String THROUGH_WAYPOINT =
      """
      {"decision": "HBONE to 10.0.2.7:15008 for 10.96.0.4:80", "outcome": "HBONE",
       "throughWaypoint": true, "destinationPod": "shop/wp", "service": "shop/cart.shop.svc",
       "source": "c//v1/Pod/shop/web", "sourceIdentity": "spiffe://td/ns/shop/sa/web",
       "steps": [], "policy": []}
      """;
  private static final String AT_WAYPOINT =
      "GET shop/wp:15000/explain?service=shop/cart.shop.svc&port=80"
          + "&client=spiffe%3A%2F%2Ftd%2Fns%2Fshop%2Fsa%2Fweb&workload=c%2F%2Fv1%2FPod%2Fshop%2Fweb"
          + "&method=GET&path=%2F";

  private final FakeCluster cluster = new FakeCluster().with(PODS);
  private final Cli cli = Cli.on(cluster);

  @Test
  void a_direct_connection_is_followed_from_node_to_node() {
    cluster.answering(LEAVING, 200, DIRECT).answering(ARRIVING, 200, ADMITTED);

    var result = cli.run("explain web.shop cart:80");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            web.shop to cart:80

            1. ztunnel-1.istio-system, node proxy of the client
               HBONE to 10.0.2.9:15008 for 10.0.2.9:8080
                 - target is service shop/cart
                 - policy at the next hop: no allow policies, allow

            2. ztunnel-2.istio-system, node proxy of cart.shop
               admitted, connecting to 10.0.2.9:8080
                 - no allow policies, allow

            carried
            """);
    assertThat(result.code()).isZero();
  }

  @Test
  void what_the_servers_proxy_denies_is_the_verdict_and_the_exit_code() {
    cluster
        .answering(LEAVING, 200, DIRECT)
        .answering(
            ARRIVING,
            200,
            "{\"decision\": \"denied: explicitly denied by: shop/p\", \"outcome\": \"DENIED\"}");

    var result = cli.run("explain -n shop web cart:80");

    assertThat(result.out())
        .endsWith("\nrefused at stage 2: denied: explicitly denied by: shop/p\n");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void a_connection_that_does_not_leave_its_node_stops_there() {
    cluster.answering(
        LEAVING, 200, "{\"decision\": \"refused: no healthy upstream\", \"outcome\": \"REFUSED\"}");

    var result = cli.run("explain web.shop cart:80");

    assertThat(result.out()).endsWith("refused at stage 1: refused: no healthy upstream\n");
    assertThat(result.code()).isEqualTo(2);
    assertThat(cluster.requests).containsExactly(LEAVING);
  }

  @Test
  void the_waypoint_on_the_way_is_asked_with_the_request_and_then_its_endpoints_proxy() {
    cluster
        .answering(LEAVING, 200, THROUGH_WAYPOINT)
        .answering(
            AT_WAYPOINT,
            200,
            """
            {"route": {"decision": "own endpoints"},
             "authorization": {"decision": "allowed", "by": "no policy"},
             "endpoints": ["c//v1/Pod/shop/gone UNHEALTHY", "c//v1/Pod/shop/cart HEALTHY"]}
            """)
        .answering(
            "GET istio-system/ztunnel-2:15000/debug/explain?src=shop/wp&to=shop/cart"
                + "&service=shop/cart.shop.svc&port=80",
            200,
            ADMITTED);

    var result = cli.run("explain web.shop cart:80");

    assertThat(result.out())
        .contains(
            """
            2. wp.shop, waypoint
               route: own endpoints
                 - authorization: allowed, by no policy
                 - route: own endpoints
                 - endpoint: c//v1/Pod/shop/gone UNHEALTHY
                 - endpoint: c//v1/Pod/shop/cart HEALTHY

            3. ztunnel-2.istio-system, node proxy of cart.shop
            """)
        .endsWith("\ncarried\n");
    assertThat(result.code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"route": {"decision": "404: no match"}, "authorization": {"decision": "allowed", "by": "x"}} | route: 404: no match
          {"route": {"decision": "matched"}, "authorization": {"decision": "denied", "by": "shop/p rule 0"}} | denied, by shop/p rule 0
          {"refused": "path escapes the root"} | refused: path escapes the root
          {"route": {"decision": "connection cut: no route for the server name"}, "authorization": {"decision": "allowed", "by": "x"}} | route: connection cut: no route for the server name
          """)
  void what_a_waypoint_refuses_is_the_verdict(String answer, String verdict) {
    cluster.answering(LEAVING, 200, THROUGH_WAYPOINT).answering(AT_WAYPOINT, 200, answer);

    var result = cli.run("explain web.shop cart:80");

    assertThat(result.out()).endsWith("\nrefused at stage 2: " + verdict + "\n");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void the_request_is_put_to_the_waypoint_as_it_was_given() {
    cluster.answering(LEAVING, 200, THROUGH_WAYPOINT);

    cli.run(
        "explain",
        "web.shop",
        "cart:80",
        "--method",
        "POST",
        "--path",
        "/a?b=c",
        "--header",
        "x: 1",
        "--header",
        "y:2",
        "--authority",
        "cart",
        "--server-name",
        "sni.test");

    assertThat(cluster.requests.getLast())
        .endsWith(
            "&method=POST&path=%2Fa%3Fb%3Dc&header=x%3A+1&header=y%3A2&authority=cart"
                + "&serverName=sni.test");
  }

  @Test
  void a_waypoint_that_does_not_explain_is_said_to_and_no_more_is_claimed() {
    cluster.answering(LEAVING, 200, THROUGH_WAYPOINT).answering(AT_WAYPOINT, 404, "not found\n");

    var result = cli.run("explain web.shop cart:80");

    assertThat(result.out()).contains("not asked: wp.shop answered 404: not found");
    assertThat(result.code()).isZero();
  }

  @Test
  void plain_text_to_a_captured_pod_is_followed_without_identity() {
    cluster
        .answering(
            LEAVING,
            200,
            """
            {"decision": "TCP to 10.0.2.9:8080", "outcome": "TCP", "destinationPod": "shop/cart",
             "port": 8080}
            """)
        .answering(
            "GET istio-system/ztunnel-2:15000/debug/explain?src=shop/web&to=shop/cart"
                + "&plain=true&port=8080",
            200,
            "{\"decision\": \"denied: strict\", \"outcome\": \"DENIED\"}");

    assertThat(cli.run("explain web.shop cart:80").out())
        .endsWith("refused at stage 2: denied: strict\n");
  }

  /// As if strict mutual TLS were asked of everybody: what would be a tunnel of a captured pod is
  /// plain text of this one.
  @Test
  void a_client_that_is_not_captured_arrives_in_plain_text() {
    var leaving = LEAVING.replace("src=shop/web", "src=shop/old");
    cluster
        .answering(leaving, 200, DIRECT)
        .answering(
            "GET istio-system/ztunnel-2:15000/debug/explain?src=shop/old&to=shop/cart"
                + "&plain=true&port=8080",
            200,
            "{\"decision\": \"denied: strict\", \"outcome\": \"DENIED\"}");

    var result = cli.run("explain old.shop cart:80");

    assertThat(result.out())
        .contains("1. old.shop, the client\n   not captured: its connections leave as plain text")
        .endsWith("refused at stage 2: denied: strict\n");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void a_client_that_is_not_captured_passes_by_the_waypoint() {
    cluster.answering(LEAVING.replace("src=shop/web", "src=shop/old"), 200, THROUGH_WAYPOINT);

    assertThat(cli.run("explain old.shop cart:80").out())
        .contains("not asked: which endpoint the network picks is not known")
        .doesNotContain("wp.shop");
  }

  @Test
  void programs_get_every_stage_with_the_answer_of_its_proxy() {
    cluster.answering(LEAVING, 200, DIRECT).answering(ARRIVING, 200, ADMITTED);

    var result = cli.run("explain web.shop cart:80 -o json");

    assertThat(result.out())
        .startsWith("{\n    \"from\": \"web.shop\",\n    \"to\": \"cart:80\",\n")
        .contains("\"carried\": true", "\"verdict\": \"carried\"", "\"stops\": false")
        .contains("\"destinationPod\": \"shop/cart\"");
    assertThat(cli.run("explain web.shop cart:80 -o yaml").out()).contains("carried: true\n");
  }

  @Test
  void an_ipv6_address_stands_in_brackets() {
    cluster.answering(
        "GET istio-system/ztunnel-1:15000/debug/explain?src=shop/web&dst=2001%3Adb8%3A%3A9&port=80",
        200, "{\"decision\": \"TCP to [2001:db8::9]:80\", \"outcome\": \"TCP\"}");

    assertThat(cli.run("explain web.shop [2001:db8::9]:80").out())
        .startsWith("web.shop to [2001:db8::9]:80\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          explain web.shop cart                  | 64 | TO cart: expected HOST:PORT, ADDRESS:PORT, [IPV6]:PORT or NAMESPACE/POD:PORT, such as catalog.shop:80
          explain web.shop 2001:db8::9:80        | 64 | TO 2001:db8::9:80: expected HOST:PORT, ADDRESS:PORT, [IPV6]:PORT or NAMESPACE/POD:PORT, such as catalog.shop:80
          explain web.shop cart:0                | 64 | port 0: expected a number of 1 to 65535
          explain web.shop cart:http             | 64 | port http: expected a number of 1 to 65535
          explain web.shop cart:80 --path x      | 64 | --path x: expected a path that begins with /
          explain web.shop cart:80 --header x    | 64 | --header x: expected NAME:VALUE
          explain web.shop cart:80 -o xml        | 1  | output format "xml" not supported
          explain nobody.shop cart:80            | 1  | failed to get pod nobody.shop: not found
          explain web cart:80                    | 1  | failed to get pod web.default: not found
          explain web.shop nowhere:80            | 1  | ztunnel-1.istio-system answered 404: neither an address
          explain web.shop broken:80             | 1  | ztunnel-1.istio-system does not explain: it answers no JSON
          explain web.shop away:80               | 1  | ztunnel-1.istio-system cannot be asked: connection refused
          explain web.shop cart:80 --proxy-admin-port 0 | 1 | port number 0 must be in the range 1..65535
          """)
  void says_what_it_cannot_do(String line, int code, String message) {
    cluster
        .answering(LEAVING.replace("dst=cart", "dst=nowhere"), 404, "neither an address\n")
        .answering(LEAVING.replace("dst=cart", "dst=broken"), 200, "<html>");

    var result = cli.run(line);

    assertThat(result.err()).endsWith("Error: " + message + "\n");
    assertThat(result.out()).isEmpty();
    assertThat(result.code()).isEqualTo(code);
  }

  @Test
  void a_missing_argument_is_named() {
    var result = cli.run("explain web.shop");

    assertThat(result.err()).contains("Missing required parameter", "TO");
    assertThat(result.code()).isEqualTo(64);
  }

  @Test
  void help_has_examples_and_exit_codes() {
    assertThat(cli.run("explain --help").out())
        .contains("kirictl explain deploy/web.shop catalog.shop:80 --method POST --path /orders")
        .contains("Exit codes: 0 it would be carried, 2 it would be refused");
  }
}
