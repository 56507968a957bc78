package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Tables as upstream prints them: `istioctl/pkg/writer/ztunnel/configdump`.
class ZtunnelConfigTablesTest {
  private static final String WORKLOADS =
      """
      NAMESPACE   POD NAME                  ADDRESS                       NODE     WAYPOINT PROTOCOL
      default     kubernetes                172.18.0.2                             None     TCP
      kube-system coredns-76f75df574-x2v7k  10.244.0.3                    cp-1     None     TCP
      shop        cart-6d9fb7c4c8-9tq2p     10.244.1.17                   worker-1 waypoint HBONE
      shop        ext-db                    db.corp.example                        None     TCP
      shop        waypoint-7cfd5b9f4d-mzb7w 10.244.1.30                   worker-1 None     TCP
      shop        web-5b7c8d6f9-kk4rd       10.244.2.21,fd00:10:244:2::15 worker-2 waypoint HBONE
      """;
  private static final String SERVICES =
      """
      NAMESPACE SERVICE NAME  SERVICE VIP           WAYPOINT ENDPOINTS
      default   kubernetes    10.96.0.1             None     1/1
      shop      cart          10.96.44.7            waypoint 2/3
      shop      cart-headless                       None     3/3
      shop      partner-api   240.240.0.1,2001:2::1 None     1/1
      shop      waypoint      10.96.12.80           None     1/1
      """;
  private static final String POLICIES =
      """
      NAMESPACE    POLICY NAME                   ACTION SCOPE
      istio-system istio_converted_static_strict Deny   WorkloadSelector
      istio-system mesh-allow                    Allow  Global
      shop         allow-web-to-cart             Allow  WorkloadSelector
      shop         deny-legacy                   Deny   Namespace
      """;
  private static final String CERTIFICATES =
      """
      CERTIFICATE NAME                           TYPE             STATUS           VALID CERT     SERIAL NUMBER        NOT AFTER                NOT BEFORE
      spiffe://cluster.local/ns/shop/sa/cart     Leaf             Available        true           5c1f0a9b3de27741     2026-05-02T10:14:03Z     2026-05-01T10:12:03Z
      spiffe://cluster.local/ns/shop/sa/cart     Intermediate     Available        true           9d41aa07c3           2028-05-01T00:00:00Z     2026-05-01T00:00:00Z
      spiffe://cluster.local/ns/shop/sa/cart     Root             Available        true           1f                   2036-04-28T00:00:00Z     2026-05-01T00:00:00Z
      spiffe://cluster.local/ns/shop/sa/web      NA               Initializing     false          NA                   NA                       NA
      spiffe://cluster.local/ns/shop/sa/job      NA               Unavailable      false          NA                   NA                       NA
      """;
  private static final String CONNECTIONS =
      """
      WORKLOAD                   DIRECTION LOCAL                            REMOTE                           REMOTE TARGET                    PROTOCOL
      cart-6d9fb7c4c8-9tq2p.shop Inbound   cart-6d9fb7c4c8-9tq2p.shop:8080  web-5b7c8d6f9-kk4rd.shop:51122   cart.shop.svc.cluster.local      HBONE
      cart-6d9fb7c4c8-9tq2p.shop Outbound  cart-6d9fb7c4c8-9tq2p.shop:43018 203.0.113.9:5432                 203.0.113.9:5432                 TCP
      web-5b7c8d6f9-kk4rd.shop   Outbound  web-5b7c8d6f9-kk4rd.shop:51122   cart-6d9fb7c4c8-9tq2p.shop:15008 cart.shop.svc.cluster.local:8080 HBONE
      """;

  private final Cli cli = Cli.withoutMesh().reading(Cli.resource("dump.json"));

  @Test
  void workloads() {
    assertThat(shown("workload")).isEqualTo(WORKLOADS);
    assertThat(shown("w")).isEqualTo(WORKLOADS);
  }

  @Test
  void workloads_of_a_node_a_namespace_or_an_address_whatever_their_case() {
    assertThat(shown("workload --workload-node WORKER-2")).contains("web-").doesNotContain("cart");
    assertThat(shown("workload --workload-namespace Shop")).doesNotContain("coredns");
    assertThat(shown("workload --address FD00:10:244:2::15")).contains("web-").hasLineCount(2);
  }

  @Test
  void services() {
    assertThat(shown("service")).isEqualTo(SERVICES);
    assertThat(shown("svc --service-namespace default")).hasLineCount(2);
  }

  @Test
  void policies() {
    assertThat(shown("policy")).isEqualTo(POLICIES);
    assertThat(shown("pol --policy-namespace shop")).hasLineCount(3);
  }

  @Test
  void certificates() {
    assertThat(shown("certificate")).isEqualTo(CERTIFICATES);
  }

  @Test
  void a_root_at_the_end_of_the_chain_as_older_proxies_write_it() {
    var dump =
        """
        {"certificates": {"one": {"identity": "a", "state": "Available", "certChain": [
          {"serialNumber": "10"}, {"serialNumber": "255", "validFrom": "soon", "expirationTime": "x"}]}}}
        """;

    assertThat(Cli.withoutMesh().reading(dump).run("zc cert -f -").out())
        .isEqualTo(
            """
            CERTIFICATE NAME     TYPE     STATUS        VALID CERT     SERIAL NUMBER     NOT AFTER     NOT BEFORE
            a                    Leaf     Available     false          a                 NA            NA
            a                    Root     Available     false          ff                x             soon
            """);
  }

  @Test
  void connections() {
    assertThat(shown("connections")).isEqualTo(CONNECTIONS);
  }

  @Test
  void connections_with_addresses_instead_of_names() {
    assertThat(shown("cons --raw --direction outbound").lines().skip(2))
        .containsExactly(
            "web-5b7c8d6f9-kk4rd.shop   Outbound  10.244.2.21:51122 10.244.1.17:15008"
                + " 10.96.44.7:8080  HBONE");
  }

  @Test
  void connections_of_one_direction_in_json_too() {
    assertThat(shown("connections --direction inbound -o json"))
        .contains("\"actualDst\": \"10.244.1.17:8080\"", "\"outbound\": []")
        .doesNotContain("203.0.113.9");
  }

  @Test
  void all_of_them_with_and_without_titles() {
    var tables =
        "\n"
            + WORKLOADS
            + "\n"
            + SERVICES
            + "\n"
            + POLICIES
            + "\n"
            + CERTIFICATES
            + "\n"
            + CONNECTIONS;

    assertThat(shown("all")).isEqualTo(tables);
    assertThat(shown("all --with-headers"))
        .startsWith("\n------ WORKLOAD INFO ------\n\nNAMESPACE")
        .contains("\n------ SECRET INFO ------\n\nCERTIFICATE NAME")
        .contains("\n------ CONNECTIONS INFO ------\n\nWORKLOAD");
  }

  @Test
  void json_indented_by_four_in_the_order_of_the_dump() {
    assertThat(shown("workload --workload-namespace kube-system -o json"))
        .isEqualTo(
            """
            [
                {
                    "uid": "Kubernetes//Pod/kube-system/coredns-76f75df574-x2v7k",
                    "name": "coredns-76f75df574-x2v7k",
                    "namespace": "kube-system",
                    "workloadIps": [
                        "10.244.0.3"
                    ],
                    "protocol": "TCP",
                    "node": "cp-1",
                    "status": "Healthy",
                    "serviceAccount": "default"
                }
            ]
            """);
    assertThat(shown("workload --workload-namespace nowhere -o json")).isEqualTo("[]\n");
  }

  @Test
  void yaml_with_sorted_keys() {
    assertThat(shown("policy --policy-namespace shop -o yaml"))
        .contains(
            """
            - action: Allow
              name: allow-web-to-cart
              namespace: shop
              rules:
              - - - principals:
                    - Exact: cluster.local/ns/shop/sa/web
              scope: WorkloadSelector
            """);
  }

  @Test
  void address_ranges_as_texts_whichever_way_they_came() {
    assertThat(shown("service -o json"))
        .contains("\"west/198.51.100.0/24\"", "\"/203.0.113.0/24\"");
  }

  @Test
  void what_a_real_proxy_recorded() {
    var real = Cli.withoutMesh().reading(Cli.resource("recorded-dump.json"));

    assertThat(real.run("zc service -f -").out())
        .isEqualTo(
            """
            NAMESPACE SERVICE NAME SERVICE VIP WAYPOINT ENDPOINTS
            default   svc          10.96.0.1   NA       1/1
            """);
    assertThat(real.run("zc certificate -f -").out().lines().skip(1))
        .containsExactly(
            "spiffe://cluster.local/ns/default/sa/client     Leaf     Available     false         "
                + " 2f96602a12c1e5a2b06ad9dd3251a705e7f004b8     2026-11-25T02:16:59Z    "
                + " 2026-11-24T02:16:59Z",
            "spiffe://cluster.local/ns/default/sa/client     Root     Available     false         "
                + " 4d9fda019e00b0343a841dd8edbf3c5c6c9a1bc8     2300-02-14T22:11:20Z    "
                + " 2026-05-01T22:11:20Z");
  }

  private String shown(String command) {
    var result = cli.run("ztunnel-config " + command + " -f -");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }
}
