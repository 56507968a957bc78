package dev.kiri.ztunnel.inbound;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.byHostname;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.TestPolicies;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What upstream's inbound side does with a request (istio/ztunnel `src/proxy/inbound.rs`, tests,
/// and the sandwich cases). The pod is 192.0.2.2, the client 192.0.2.1 is
/// `spiffe://cluster.local/ns/ns/sa/client`.
class InboundDeciderTest {
  private static final InetSocketAddress CLIENT = at("192.0.2.1", 40000);
  private static final SpiffeId PEER = SpiffeId.of("cluster.local", "ns", "client");

  private final InboundDecider decider =
      new InboundDecider(
          "", Set.of(15001, 15006, 15008), new InboundDecider.Sourcing(true, true, true));
  private WorkloadBuilder local = captured("server", "192.0.2.2");
  private final TestMesh mesh = new TestMesh();

  @Test
  void the_pods_own_address_leads_to_its_port() {
    assertThat(connect("192.0.2.2:8080")).isEqualTo("to 192.0.2.2:8080 from 192.0.2.1");
  }

  @Test
  void another_pods_address_is_refused() {
    mesh.with(captured("client", "192.0.2.1"));

    assertThat(connect("192.0.2.1:8080")).isEqualTo("400 ip mismatch: 192.0.2.2 != 192.0.2.1");
  }

  @Test
  void the_pod_calling_itself_keeps_its_own_address() {
    var request =
        tunnelled(at("192.0.2.2", 40000), ConnectRequest.to(Authority.parse("192.0.2.2:80")));

    assertThat(text(decide(request))).isEqualTo("to 192.0.2.2:80");
  }

  @Test
  void our_own_ports_are_refused() {
    assertThat(connect("192.0.2.2:15008")).isEqualTo("503 attempted recursive call to ourselves");
  }

  @Nested
  class when_the_target_is_a_host_name {
    @Test
    void the_service_port_leads_to_its_target_port() {
      mesh.with(service("svc").port(80, 8080).build());

      assertThat(connect("svc.com:80")).isEqualTo("to 192.0.2.2:8080 from 192.0.2.1");
    }

    @Test
    void the_endpoints_own_port_goes_first() {
      mesh.with(service("svc").port(80, 0).build());
      local = local.service(key("svc"), PortMap.of(80, 9090));

      assertThat(connect("svc.com:80")).isEqualTo("to 192.0.2.2:9090 from 192.0.2.1");
    }

    @Test
    void an_unknown_name_is_refused() {
      assertThat(connect("gone.com:80"))
          .isEqualTo("503 no service or workload for hostname: gone.com");
    }

    @Test
    void a_port_that_leads_nowhere_is_refused() {
      mesh.with(service("svc").port(80, 0).build());

      assertThat(connect("svc.com:80"))
          .isEqualTo("503 requested service svc.com:80 found, but cannot resolve port");
    }
  }

  @Nested
  class when_the_pod_is_a_waypoint {
    @Test
    void it_serves_workloads_that_name_its_address() {
      mesh.with(captured("app", "192.0.2.3").waypoint(byAddress("192.0.2.2", 15008)));

      assertThat(connect("192.0.2.3:8080")).isEqualTo("to 192.0.2.2:8080 from 192.0.2.1");
    }

    @Test
    void it_serves_services_that_name_its_own_service() {
      waypointService();
      mesh.with(service("svc").vip("192.0.2.100").waypoint(byHostname("wp.com", 15008)).build());

      assertThat(connect("192.0.2.100:80")).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
    }

    @Test
    void it_serves_services_that_share_it_by_weight() {
      waypointService();
      mesh.with(
          service("svc")
              .vip("192.0.2.100")
              .weighted(
                  new dev.kiri.mesh.workload.WeightedWaypoint(byHostname("wp.com", 15008), 10))
              .build());

      assertThat(connect("192.0.2.100:80")).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
    }

    @Test
    void it_does_not_serve_what_is_attached_at_the_other_level() {
      waypointService();
      mesh.with(captured("app", "192.0.2.3").service(key("svc"), PortMap.empty()))
          .with(service("svc").vip("192.0.2.100").waypoint(byHostname("wp.com", 15008)).build());

      assertThat(connect("192.0.2.3:80")).isEqualTo("400 ip mismatch: 192.0.2.2 != 192.0.2.3");
    }

    private void waypointService() {
      mesh.with(service("wp").vip("192.0.2.101").port(15008, 15008).build());
      local = local.service(key("wp"), PortMap.empty());
    }
  }

  @Nested
  class when_there_is_an_application_tunnel {
    @Test
    void the_proxy_protocol_is_spoken_on_loopback() {
      local =
          local.applicationTunnel(new ApplicationTunnel(ApplicationTunnel.Protocol.PROXY, 15088));
      mesh.with(service("svc").vip("192.0.2.100").build());

      var decision =
          decide(tunnelled(CLIENT, ConnectRequest.to(Authority.parse("192.0.2.100:80"))));

      assertThat(text(decision)).isEqualTo("to 127.0.0.1:15088 from 127.0.0.1");
      assertThat(route(decision).proxyHeader())
          .isEqualTo(new ProxyHeader(CLIENT, at("192.0.2.100", 80), PEER));
      assertThat(route(decision).connection().destination()).isEqualTo(at("192.0.2.2", 15088));
    }

    @Test
    void a_host_name_is_told_as_an_address_of_its_service() {
      local =
          local.applicationTunnel(new ApplicationTunnel(ApplicationTunnel.Protocol.PROXY, 15088));
      mesh.with(service("svc").vip("far", "192.0.2.9").vip("192.0.2.100").build());

      var decision = decide(tunnelled(CLIENT, ConnectRequest.to(Authority.parse("svc.com:80"))));

      assertThat(route(decision).proxyHeader())
          .isEqualTo(new ProxyHeader(CLIENT, at("192.0.2.100", 80), PEER));
    }

    @Test
    void a_service_without_address_cannot_be_told() {
      local =
          local.applicationTunnel(new ApplicationTunnel(ApplicationTunnel.Protocol.PROXY, 15088));
      mesh.with(service("svc").build());

      assertThat(connect("svc.com:80"))
          .isEqualTo("503 requested service svc.com found, but has no IP addresses");
    }

    @Test
    void without_a_protocol_only_the_port_differs() {
      local =
          local.applicationTunnel(new ApplicationTunnel(ApplicationTunnel.Protocol.NONE, 15088));

      assertThat(connect("192.0.2.100:80")).isEqualTo("to 192.0.2.2:15088 from 192.0.2.1");
    }
  }

  @Nested
  class when_there_are_policies {
    @Test
    void a_peer_that_no_allow_policy_names_is_denied() {
      mesh.with(TestPolicies.allowPrincipal("cluster.local/ns/ns/sa/other"));

      assertThat(connect("192.0.2.2:80"))
          .isEqualTo(
              "connection closed due to policy rejection: allow policies exist, but none allowed");
    }

    @Test
    void a_peer_that_an_allow_policy_names_is_admitted() {
      mesh.with(TestPolicies.allowPrincipal("cluster.local/ns/ns/sa/client"));

      assertThat(connect("192.0.2.2:80")).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
    }

    @Test
    void a_denied_port_names_the_policy() {
      mesh.with(TestPolicies.denyPort(9999));

      assertThat(connect("192.0.2.2:9999"))
          .isEqualTo(
              "connection closed due to policy rejection: explicitly denied by: ns/deny-9999");
      assertThat(connect("192.0.2.2:80")).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
    }

    @Test
    void a_policy_against_plain_text_spares_tunnels() {
      mesh.with(TestPolicies.denyPlaintext());

      assertThat(connect("192.0.2.2:80")).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
      assertThat(plain("192.0.2.2", 80))
          .isEqualTo("connection closed due to policy rejection: explicitly denied by: ns/strict");
    }

    @Test
    void the_steps_name_the_policy() {
      mesh.with(local).with(TestPolicies.denyPort(9999));
      var request = tunnelled(CLIENT, ConnectRequest.to(Authority.parse("192.0.2.2:9999")));

      assertThat(decider.explain(mesh.snapshot(), request).steps())
          .containsExactly(
              "deny policy match: ns/deny-9999",
              "connection closed due to policy rejection: explicitly denied by: ns/deny-9999");
    }

    @Test
    void a_policy_newly_attached_to_the_workload_counts_for_open_connections() {
      mesh.with(local);
      var route =
          route(decide(tunnelled(CLIENT, ConnectRequest.to(Authority.parse("192.0.2.2:80")))));

      assertThat(decider.authorize(mesh.snapshot(), route).verdict().isAllowed()).isTrue();
      mesh.with(TestPolicies.selected("ns/only"))
          .with(local.authorizationPolicies(java.util.List.of("ns/only")));

      assertThat(decider.authorize(mesh.snapshot(), route).verdict().isAllowed()).isFalse();
    }
  }

  @Nested
  class when_plain_text_arrives {
    @Test
    void it_goes_on_as_the_client() {
      assertThat(plain("192.0.2.2", 80)).isEqualTo("to 192.0.2.2:80 from 192.0.2.1");
    }

    @Test
    void our_own_ports_are_refused_at_any_address() {
      assertThat(plain("192.0.2.77", 15006)).isEqualTo("503 attempted recursive call to ourselves");
    }
  }

  @Nested
  class when_telemetry_asks_who_it_was {
    @Test
    void the_workload_at_the_clients_address_is_the_source() {
      mesh.with(captured("client", "192.0.2.1"));
      var decision = decide(tunnelled(CLIENT, ConnectRequest.to(Authority.parse("192.0.2.2:80"))));

      assertThat(route(decision).source()).isNotNull().extracting("name").isEqualTo("client");
    }

    @Test
    void behind_a_gateway_only_what_the_peer_says_counts() {
      mesh.with(captured("gateway", "192.0.2.1"));
      var told = Baggage.parse(java.util.List.of("k8s.pod.name=far,k8s.cluster.name=c2"));
      var request =
          new ConnectRequest(Authority.parse("192.0.2.2:80"), told, null, null, "other-network");

      var decision = decide(tunnelled(CLIENT, request));

      assertThat(route(decision).source()).isNull();
      assertThat(route(decision).told()).isEqualTo(told);
    }

    @Test
    void the_service_is_the_one_the_peer_meant_if_it_is_ours() {
      twoServices();

      assertThat(reported("b.com")).isEqualTo("b.com");
    }

    @Test
    void else_one_that_has_the_port() {
      twoServices();

      assertThat(reported("not-ours.com")).isEqualTo("a.com");
      assertThat(reported(null)).isEqualTo("a.com");
    }

    private void twoServices() {
      mesh.with(service("a").port(80, 8080).build()).with(service("b").port(81, 9090).build());
      local = local.service(key("a"), PortMap.empty()).service(key("b"), PortMap.empty());
    }

    private @Nullable String reported(@Nullable String host) {
      var request =
          new ConnectRequest(
              Authority.parse("192.0.2.2:8080"), null, new Forwarded("x", host), null, null);
      var service = route(decide(tunnelled(CLIENT, request))).service();
      return service == null ? null : service.hostname();
    }
  }

  private String connect(String authority) {
    return text(decide(tunnelled(CLIENT, ConnectRequest.to(Authority.parse(authority)))));
  }

  private String plain(String ip, int port) {
    return text(decide(new InboundRequest.Plain(local.build(), CLIENT, at(ip, port))));
  }

  private InboundRequest tunnelled(InetSocketAddress source, ConnectRequest request) {
    return new InboundRequest.Tunnelled(
        local.build(), PEER, source, at("192.0.2.2", 15008), request);
  }

  private InboundDecision decide(InboundRequest request) {
    mesh.with(local);
    return decider.decide(mesh.snapshot(), request);
  }

  private static InboundRoute route(InboundDecision decision) {
    if (decision instanceof InboundDecision.Admitted(var route, var evaluation)) {
      assertThat(evaluation.verdict().isAllowed()).isTrue();
      return route;
    }
    throw new AssertionError("not admitted: " + decision);
  }

  private static String text(InboundDecision decision) {
    return switch (decision) {
      case InboundDecision.Admitted(var route, _) ->
          "to "
              + NetUtil.toSocketAddressString(route.dial())
              + (route.bind() == null ? "" : " from " + route.bind().getHostAddress());
      case InboundDecision.Denied(_, var verdict, _) -> verdict.text();
      case InboundDecision.Rejected(var why) -> why.status() + " " + why.message();
    };
  }
}
