package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which proxy is asked: `istioctl/pkg/ztunnelconfig`.
class ZtunnelConfigTargetTest {
  private static final String PODS =
      """
      kind: Pod
      metadata: {name: ztunnel-1, namespace: istio-system, labels: {app: ztunnel}}
      spec: {nodeName: worker-1}
      status: {phase: Running}
      ---
      kind: Pod
      metadata: {name: ztunnel-2, namespace: istio-system, labels: {app: ztunnel}}
      spec: {nodeName: worker-2}
      status: {phase: Pending}
      ---
      kind: Pod
      metadata: {name: cart-6d9fb7c4c8-9tq2p, namespace: shop, labels: {app: cart}}
      spec: {nodeName: worker-1}
      status: {phase: Running}
      ---
      kind: Deployment
      metadata: {name: cart, namespace: shop}
      spec: {selector: {matchLabels: {app: cart}}}
      ---
      kind: Pod
      metadata: {name: waiting, namespace: shop}
      ---
      kind: Pod
      metadata: {name: lonely, namespace: shop}
      spec: {nodeName: worker-3}
      """;
  private static final String DUMP_OF_1 = "GET istio-system/ztunnel-1:15000/config_dump";
  private static final String DUMP_OF_2 = "GET istio-system/ztunnel-2:15000/config_dump";

  private final FakeCluster cluster =
      new FakeCluster()
          .with(PODS)
          .answering(DUMP_OF_1, 200, Cli.resource("dump.json"))
          .answering(DUMP_OF_2, 200, "{}");
  private final Cli cli = Cli.on(cluster);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          workload                                  | ztunnel-1
          workload --node worker-2                  | ztunnel-2
          workload ztunnel-2                        | ztunnel-2
          workload pod/ztunnel-2.istio-system       | ztunnel-2
          certificate ztunnel-2                     | ztunnel-2
          connections --node worker-1               | ztunnel-1
          workload cart-6d9fb7c4c8-9tq2p.shop       | ztunnel-1
          workload deploy/cart.shop                 | ztunnel-1
          workload -n shop cart-6d9fb7c4c8-9tq2p    | ztunnel-1
          """)
  void asks_the_proxy_that_is_meant(String arguments, String proxy) {
    var result = cli.run("ztunnel-config " + arguments);

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cluster.requests)
        .containsExactly("GET istio-system/" + proxy + ":15000/config_dump");
  }

  @Test
  void shows_of_a_pods_proxy_only_what_concerns_the_pod() {
    assertThat(of("workload")).hasLineCount(2).contains("cart-6d9fb7c4c8-9tq2p");
    assertThat(of("service")).hasLineCount(3).contains("shop      cart ", "cart-headless");
    assertThat(of("policy")).hasLineCount(4).contains("mesh-allow", "deny-legacy", "allow-web");
    assertThat(of("certificate")).hasLineCount(4).doesNotContain("sa/web");
    assertThat(of("connections")).hasLineCount(3).doesNotContain("web-5b7c8d6f9-kk4rd.shop  ");
  }

  private String of(String command) {
    return cli.run("zc " + command + " cart-6d9fb7c4c8-9tq2p.shop").out();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          certificate                 | 1  | ztunnel pod name or --node must be set
          connections                 | 1  | ztunnel pod name or --node must be set
          workload --node worker-9    | 1  | no pods found
          workload nobody.shop        | 1  | failed to get pod nobody.shop: not found
          workload waiting.shop       | 1  | pod waiting.shop is not scheduled to a node
          workload lonely.shop        | 1  | failed to find ztunnel on node worker-3 for pod lonely.shop: no pods found
          workload thing/x.shop       | 1  | there is no kind of object named thing
          workload -o xml             | 1  | output format "xml" not supported
          workload -f a --node b      | 64 | at most one of --file, --node, or pod name must be passed
          workload --proxy-admin-port 70000 | 1 | port number 70000 must be in the range 1..65535
          workload --proxy-admin-port 15001 | 1 | failed to execute command on ztunnel-1.istio-system Ztunnel: connection refused
          workload -f /nowhere/dump   | 65 | cannot read /nowhere/dump: no such file
          connections --direction up  | 64 | --direction up: accepted are inbound and outbound
          log --level loud            | 1  | unrecognized logging level: loud
          log --level info --reset    | 64 | --level cannot be combined with --reset
          log -o json                 | 1  | --output is not applicable for this command
          log deploy/cart.shop        | 1  | workloads command is only supported by Ztunnel proxies: cart-6d9fb7c4c8-9tq2p
          """)
  void says_what_it_cannot_do(String arguments, int code, String message) {
    var result = cli.run("ztunnel-config " + arguments);

    assertThat(result.err()).endsWith("Error: " + message + "\n");
    assertThat(result.out()).isEmpty();
    assertThat(result.code()).isEqualTo(code);
  }

  @Test
  void says_that_a_proxy_answered_something_else() {
    cluster.answering(DUMP_OF_1, 503, "").answering(DUMP_OF_2, 200, "<html>");

    assertThat(cli.run("zc all --node worker-1").err())
        .contains("ztunnel-1.istio-system Ztunnel: unexpected status code: 503");
    assertThat(cli.run("zc all --node worker-2").err())
        .contains("error unmarshalling config dump response from ztunnel: ");
  }

  @Test
  void refuses_an_address_range_without_a_network() {
    var dump = "{\"services\": [{\"name\": \"a\", \"cidrVips\": [\"198.51.100.0\"]}]}";

    var result = Cli.withoutMesh().reading(dump).run("zc service -f -");

    assertThat(result.err()).contains("invalid cidrVip \"198.51.100.0\"");
    assertThat(result.code()).isEqualTo(65);
  }

  @Test
  void shows_the_log_levels_of_all_proxies() {
    cluster
        .answering(
            "POST istio-system/ztunnel-1:15000/logging?level=", 200, "current log level is info\n")
        .answering(
            "POST istio-system/ztunnel-2:15000/logging?level=", 200, "current log level is off\n");

    assertThat(cli.run("ztunnel-config log").out())
        .isEqualTo(
            """
            ztunnel-1.istio-system:
            current log level is info

            ztunnel-2.istio-system:
            current log level is off

            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --level access:debug,warning      | level=access%3Ddebug%2Cwarn
          --level ztunnel::pool=critical    | level=ztunnel%3A%3Apool%3Derror
          --level off                       | level=off
          --reset                           | level=info&reset
          """)
  void changes_levels_in_words_the_proxy_understands(String flags, String query) {
    var request = "POST istio-system/ztunnel-1:15000/logging?" + query;
    cluster.answering(request, 200, "done\n");

    var result = cli.run("ztunnel-config log ztunnel-1 " + flags);

    assertThat(result.err()).isEmpty();
    assertThat(cluster.requests).containsExactly(request);
  }

  @Test
  void does_not_take_a_scope_with_too_many_colons() {
    assertThat(cli.run("zc log --level ztunnel:::pool:debug").err())
        .isEqualTo("Error: unrecognized logging level: pool:debug\n");
  }

  @Test
  void names_the_proxy_whose_levels_could_not_be_changed() {
    cluster.answering("POST istio-system/ztunnel-1:15000/logging?level=info", 200, "fine\n");

    var result = cli.run("zc log --level info");

    assertThat(result.out()).contains("ztunnel-1.istio-system:\nfine\n");
    assertThat(result.err())
        .contains("ztunnel-2.istio-system: failed to execute command on", "connection refused");
    assertThat(result.code()).isEqualTo(1);
  }
}
