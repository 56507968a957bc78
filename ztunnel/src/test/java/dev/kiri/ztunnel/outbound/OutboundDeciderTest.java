package dev.kiri.ztunnel.outbound;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.byHostname;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.WeightedWaypoint;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.EndpointView;
import io.netty.util.NetUtil;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The routing cases that upstream pins (istio/ztunnel `src/proxy/outbound.rs`, tests). The source
/// is 127.0.0.1 in namespace `ns`; decisions are written as `<protocol> <next hop> [for
/// <authority>]`.
class OutboundDeciderTest {
  private final OutboundDecider decider =
      new OutboundDecider(
          "",
          Set.of(15001, 15006, 15008),
          new EndpointChooser(new Random(7), EndpointView.NONE),
          new Random(7));
  private WorkloadBuilder source = captured("source", "127.0.0.1");
  private final TestMesh mesh = new TestMesh().with(captured("waypoint", "127.0.0.10"));

  @Test
  void an_unknown_destination_is_passed_through() {
    assertThat(to("192.0.2.4", 80)).isEqualTo("TCP 192.0.2.4:80");
  }

  @Test
  void a_workload_outside_the_mesh_gets_plain_text() {
    mesh.with(workload("plain", "127.0.0.2"));

    assertThat(to("127.0.0.2", 80)).isEqualTo("TCP 127.0.0.2:80");
  }

  @Test
  void a_workload_in_the_mesh_gets_a_tunnel() {
    mesh.with(captured("server", "127.0.0.2").node("remote-node"));

    assertThat(to("127.0.0.2", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
  }

  @Test
  void the_waypoint_of_the_source_does_not_matter() {
    source = workload("source", "127.0.0.2").waypoint(byAddress("127.0.0.10", 15008));
    mesh.with(workload("other", "127.0.0.1"));

    assertThat(to("127.0.0.1", 80)).isEqualTo("TCP 127.0.0.1:80");
  }

  @Test
  void a_connection_to_the_own_port_on_loopback_is_refused() {
    assertThat(to("127.0.0.1", 15001)).isEqualTo("attempted recursive call to ourselves");
  }

  @Nested
  class when_there_is_a_waypoint {
    @Test
    void a_workloads_waypoint_is_asked_for_the_workload() {
      mesh.with(workload("server", "127.0.0.2").waypoint(byAddress("127.0.0.10", 15008)));

      assertThat(to("127.0.0.2", 80)).isEqualTo("HBONE 127.0.0.10:15008 for 127.0.0.2:80");
    }

    @Test
    void its_address_decides_its_family_not_the_target() {
      mesh.with(captured("dual-waypoint", "ff06::c5", "127.0.0.11"))
          .with(
              captured("server", "127.0.0.2", "ff06::c3").waypoint(byAddress("127.0.0.11", 15008)));

      assertThat(to("ff06::c3", 80)).isEqualTo("HBONE 127.0.0.11:15008 for [ff06::c3]:80");
    }

    @Test
    void a_services_waypoint_is_asked_for_the_service() {
      mesh.with(service("svc").vip("127.0.0.3").waypoint(byAddress("127.0.0.10", 15008)).build());

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.10:15008 for 127.0.0.3:80");
    }

    @Test
    void a_waypoint_is_found_by_the_name_of_its_service() {
      mesh.with(service("wp").port(15008, 15008).build())
          .with(captured("wp-pod", "127.0.0.12").service(key("wp"), PortMap.empty()))
          .with(service("svc").vip("127.0.0.3").waypoint(byHostname("wp.com", 15008)).build());

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.12:15008 for 127.0.0.3:80");
    }

    @Test
    void the_waypoint_itself_goes_straight_to_its_workload() {
      source = captured("waypoint", "127.0.0.10");
      mesh.with(captured("server", "127.0.0.2").waypoint(byAddress("127.0.0.10", 15008)));

      assertThat(to("127.0.0.2", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
    }

    @Test
    void traffic_to_a_pod_ignores_the_waypoint_of_its_service() {
      mesh.with(captured("server", "127.0.0.2").service(key("svc"), PortMap.empty()))
          .with(service("svc").vip("127.0.0.3").waypoint(byAddress("127.0.0.10", 15008)).build());

      assertThat(to("127.0.0.2", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
    }

    @Test
    void traffic_to_a_service_ignores_the_waypoint_of_its_pod() {
      mesh.with(service("svc").vip("127.0.0.3").build())
          .with(
              captured("server", "127.0.0.2")
                  .service(key("svc"), PortMap.empty())
                  .waypoint(byAddress("127.0.0.10", 15008)));

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
    }

    @Test
    void one_that_cannot_be_found_by_name_is_not_bypassed() {
      mesh.with(service("svc").vip("127.0.0.3").waypoint(byHostname("gone.com", 15008)).build());

      assertThat(to("127.0.0.3", 80)).isEqualTo("unknown waypoint: waypoint gone.com not found");
    }

    @Test
    void one_that_cannot_be_found_by_address_is_not_bypassed() {
      mesh.with(captured("server", "127.0.0.2").waypoint(byAddress("127.0.0.99", 15008)));

      assertThat(to("127.0.0.2", 80))
          .isEqualTo("unknown waypoint: waypoint /127.0.0.99:15008 not found");
    }

    @Test
    void weights_decide_among_several() {
      mesh.with(captured("second", "127.0.0.11")).with(weighted(0, 100));
      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.11:15008 for 127.0.0.3:80");

      mesh.with(weighted(100, 0));
      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.10:15008 for 127.0.0.3:80");
    }

    @Test
    void weights_of_three_to_one_are_kept_within_tolerance() {
      mesh.with(captured("second", "127.0.0.11")).with(weighted(75, 25));
      var snapshot = mesh.snapshot();
      var request =
          new OutboundRequest(source.build(), at("127.0.0.1", 1).getAddress(), at("127.0.0.3", 80));

      long first =
          IntStream.range(0, 4000)
              .mapToObj(i -> text(decider.decide(snapshot, request)))
              .filter(decision -> decision.startsWith("HBONE 127.0.0.10"))
              .count();

      assertThat(first).isBetween(2850L, 3150L);
    }

    @Test
    void weights_that_are_all_zero_leave_the_single_one() {
      mesh.with(captured("second", "127.0.0.11"))
          .with(
              service("svc")
                  .vip("127.0.0.3")
                  .waypoint(byAddress("127.0.0.11", 15008))
                  .weighted(new WeightedWaypoint(byAddress("127.0.0.10", 15008), 0))
                  .build());

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.11:15008 for 127.0.0.3:80");
    }

    private dev.kiri.mesh.workload.Service weighted(long first, long second) {
      return service("svc")
          .vip("127.0.0.3")
          .weighted(
              new WeightedWaypoint(byAddress("127.0.0.10", 15008), first),
              new WeightedWaypoint(byAddress("127.0.0.11", 15008), second))
          .build();
    }
  }

  @Nested
  class when_a_service_is_addressed {
    @Test
    void one_without_endpoints_is_refused() {
      mesh.with(service("svc").vip("127.0.0.3").build());

      assertThat(to("127.0.0.3", 80)).isEqualTo("no healthy upstream: 127.0.0.3:80");
    }

    @Test
    void a_port_it_does_not_have_is_refused() {
      mesh.with(service("svc").vip("127.0.0.3").build())
          .with(workload("server", "127.0.0.2").service(key("svc"), PortMap.empty()));

      assertThat(to("127.0.0.3", 81)).isEqualTo("no healthy upstream: 127.0.0.3:81");
    }

    @Test
    void a_named_port_leads_to_the_only_pod_that_has_it() {
      mesh.with(service("svc").vip("127.0.0.3").port(80, 0).build())
          .with(workload("a", "127.0.0.2").service(key("svc"), PortMap.of(80, 1234)))
          .with(workload("b", "127.0.0.7").service(key("svc"), PortMap.empty()));

      for (int i = 0; i < 20; i++) {
        assertThat(to("127.0.0.3", 80)).isEqualTo("TCP 127.0.0.2:1234");
      }
    }

    @Test
    void a_service_that_passes_through_keeps_the_target() {
      mesh.with(service("svc").vip("192.0.2.4").mode(Mode.PASSTHROUGH).build());

      assertThat(to("192.0.2.4", 80)).isEqualTo("TCP 192.0.2.4:80");
    }

    @Test
    void a_service_that_passes_through_still_has_its_waypoint() {
      mesh.with(
          service("svc")
              .vip("192.0.2.4")
              .mode(Mode.PASSTHROUGH)
              .waypoint(byAddress("127.0.0.10", 15008))
              .build());

      assertThat(to("192.0.2.4", 80)).isEqualTo("HBONE 127.0.0.10:15008 for 192.0.2.4:80");
    }

    @Test
    void pods_on_the_host_network_are_told_apart_by_their_service_only() {
      mesh.with(service("svc").vip("127.0.0.3").build())
          .with(hostNetwork("pod1").service(key("svc"), PortMap.empty()))
          .with(hostNetwork("pod2"));

      assertThat(to("127.0.0.3", 80)).isEqualTo("TCP 127.0.0.2:80");
      assertThat(decide("127.0.0.3", 80))
          .isInstanceOfSatisfying(
              OutboundDecision.Plaintext.class,
              plain ->
                  assertThat(plain.destination()).isNotNull().extracting("name").isEqualTo("pod1"));
      assertThat(decide("127.0.0.2", 80))
          .isInstanceOfSatisfying(
              OutboundDecision.Plaintext.class, plain -> assertThat(plain.destination()).isNull());
    }

    private WorkloadBuilder hostNetwork(String name) {
      return workload(name, "127.0.0.2").networkMode(NetworkMode.HOST_NETWORK);
    }
  }

  @Nested
  class when_there_are_two_address_families {
    @Test
    void a_pod_is_reached_by_the_family_that_was_asked_for() {
      mesh.with(captured("server", "127.0.0.2", "ff06::c3"));

      assertThat(to("127.0.0.2", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
      assertThat(to("ff06::c3", 80)).isEqualTo("HBONE [ff06::c3]:15008 for [ff06::c3]:80");
    }

    @Test
    void a_service_of_one_family_is_reached_by_that_one() {
      dualServer(IpFamilies.IPV6_ONLY);
      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE [ff06::c3]:15008 for [ff06::c3]:80");

      dualServer(IpFamilies.IPV4_ONLY);
      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
    }

    @Test
    void a_service_of_both_is_reached_by_the_family_that_was_asked_for() {
      dualServer(IpFamilies.DUAL);

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:80");
      assertThat(to("::3", 80)).isEqualTo("HBONE [ff06::c3]:15008 for [ff06::c3]:80");
    }

    private void dualServer(IpFamilies families) {
      mesh.with(service("svc").vip("127.0.0.3").vip("::3").families(families).build())
          .with(captured("server", "127.0.0.2", "ff06::c3").service(key("svc"), PortMap.empty()));
    }
  }

  @Nested
  class when_the_destination_is_on_another_network {
    @Test
    void without_a_gateway_there_is_no_way() {
      mesh.with(example()).with(remote(null));

      assertThat(to("127.0.0.3", 80))
          .isEqualTo("no valid routing destination for workload: cluster1//v1/Pod/ns/remote");
    }

    @Test
    void a_gateway_known_by_address_carries_a_tunnel_in_a_tunnel() {
      mesh.with(example())
          .with(remote(byAddress("192.0.2.1", 15009)))
          .with(captured("gateway", "192.0.2.1"));

      assertThat(to("127.0.0.3", 80)).isEqualTo("DOUBLEHBONE 192.0.2.1:15009 for example.com:80");
    }

    @Test
    void a_gateway_known_by_name_is_one_of_its_services_pods() {
      mesh.with(example())
          .with(remote(byHostname("gw.com", 15009)))
          .with(service("gw").port(15009, 15008).build())
          .with(captured("gw-pod", "192.0.2.9").service(key("gw"), PortMap.empty()));

      assertThat(to("127.0.0.3", 80)).isEqualTo("DOUBLEHBONE 192.0.2.9:15008 for example.com:80");
    }

    @Test
    void a_gateway_that_cannot_be_found_is_named() {
      mesh.with(example()).with(remote(byHostname("gone.com", 15009)));

      assertThat(to("127.0.0.3", 80))
          .isEqualTo("unknown network gateway: network gateway ns/gone.com:15009 not found");
    }

    @Test
    void the_inner_tunnel_accepts_only_the_identities_of_the_service() {
      mesh.with(service("example").vip("127.0.0.3").identities("spiffe://td/ns/ns/sa/far").build())
          .with(remote(byAddress("192.0.2.1", 15009)))
          .with(captured("gateway", "192.0.2.1"));

      assertThat(decide("127.0.0.3", 80))
          .isInstanceOfSatisfying(
              OutboundDecision.TunnelInTunnel.class,
              both -> {
                assertThat(both.inner())
                    .extracting(Object::toString)
                    .containsExactly("spiffe://td/ns/ns/sa/far");
                assertThat(both.outer())
                    .extracting(Object::toString)
                    .containsExactly("spiffe://cluster.local/ns/ns/sa/gateway");
              });
    }

    @Test
    void a_waypoint_there_is_reached_through_its_gateway() {
      mesh.with(service("example").vip("127.0.0.3").waypoint(byHostname("wp.com", 15008)).build())
          .with(service("wp").port(15008, 15008).build())
          .with(
              captured("remote-wp")
                  .network("remote")
                  .networkGateway(byAddress("192.0.2.1", 15009))
                  .service(key("wp"), PortMap.empty()))
          .with(captured("gateway", "192.0.2.1"));

      assertThat(to("127.0.0.3", 80)).isEqualTo("DOUBLEHBONE 192.0.2.1:15009 for example.com:80");
    }

    @Test
    void a_healthy_pod_on_the_own_network_is_preferred_if_the_service_fails_over() {
      failover(HealthStatus.HEALTHY);

      assertThat(to("127.0.0.3", 80)).isEqualTo("HBONE 127.0.0.2:15008 for 127.0.0.2:8080");
    }

    @Test
    void an_unhealthy_one_is_not() {
      failover(HealthStatus.UNHEALTHY);

      assertThat(to("127.0.0.3", 80)).isEqualTo("DOUBLEHBONE 192.0.2.1:15009 for example.com:80");
    }

    @Test
    void a_pod_there_cannot_be_addressed_directly() {
      source = captured("source", "127.0.0.1").network("other");
      mesh.with(captured("elsewhere", "127.0.0.2"));

      assertThat(to("127.0.0.2", 80)).isEqualTo("TCP 127.0.0.2:80");
    }

    private void failover(HealthStatus local) {
      mesh.with(
              service("example")
                  .vip("127.0.0.3")
                  .port(80, 8080)
                  .mode(Mode.FAILOVER, Scope.NETWORK)
                  .build())
          .with(remote(byAddress("192.0.2.1", 15009)))
          .with(captured("gateway", "192.0.2.1"))
          .with(
              captured("near", "127.0.0.2").health(local).service(key("example"), PortMap.empty()));
    }

    private dev.kiri.mesh.workload.Service example() {
      return service("example").vip("127.0.0.3").build();
    }

    private WorkloadBuilder remote(
        dev.kiri.mesh.workload.@org.jspecify.annotations.Nullable GatewayAddress gateway) {
      return captured("remote", "198.51.100.2")
          .network("remote")
          .networkGateway(gateway)
          .service(key("example"), PortMap.empty());
    }
  }

  @Nested
  class when_the_destination_has_no_address {
    @Test
    void its_host_name_is_to_be_looked_up() {
      mesh.with(service("svc").vip("127.0.0.3").port(80, 8080).build())
          .with(
              workload("external").hostname("db.example.com").service(key("svc"), PortMap.empty()));

      assertThat(decide("127.0.0.3", 80))
          .isInstanceOfSatisfying(
              OutboundDecision.NeedsAddress.class,
              needed -> {
                assertThat(needed.hostname()).isEqualTo("db.example.com");
                assertThat(text(needed.at(TestMesh.ip("203.0.113.5"))))
                    .isEqualTo("TCP 203.0.113.5:8080");
              });
    }
  }

  @Test
  void the_steps_of_a_decision_can_be_told() {
    mesh.with(service("svc").vip("127.0.0.3").build())
        .with(captured("server", "127.0.0.2").service(key("svc"), PortMap.empty()));

    var explained = decider.explain(mesh.snapshot(), request("127.0.0.3", 80));

    assertThat(explained.steps())
        .containsExactly(
            "target is service ns/svc.com",
            "service has no waypoint: ns/svc.com",
            "endpoint cluster1//v1/Pod/ns/server: of ns/svc.com among 1 by STANDARD"
                + " (the less busy of two: 0 open connections)",
            "to workload cluster1//v1/Pod/ns/server: by HBONE");
  }

  @Test
  void the_tunnel_accepts_the_workload_and_what_its_service_names() {
    mesh.with(
            service("svc").vip("127.0.0.3").identities("spiffe://td/ns/x/sa/y", "nonsense").build())
        .with(captured("server", "127.0.0.2").service(key("svc"), PortMap.empty()));

    assertThat(decide("127.0.0.3", 80))
        .isInstanceOfSatisfying(
            OutboundDecision.Tunnel.class,
            tunnel ->
                assertThat(tunnel.expected())
                    .extracting(Object::toString)
                    .containsExactly(
                        "spiffe://cluster.local/ns/ns/sa/server", "spiffe://td/ns/x/sa/y"));
  }

  private String to(String ip, int port) {
    return text(decide(ip, port));
  }

  private OutboundDecision decide(String ip, int port) {
    mesh.with(source);
    return decider.decide(mesh.snapshot(), request(ip, port));
  }

  private OutboundRequest request(String ip, int port) {
    var built = source.build();
    return new OutboundRequest(built, built.addresses().getFirst(), at(ip, port));
  }

  static String text(OutboundDecision decision) {
    return switch (decision) {
      case OutboundDecision.Tunnel tunnel ->
          "HBONE " + NetUtil.toSocketAddressString(tunnel.nextHop()) + " for " + tunnel.authority();
      case OutboundDecision.TunnelInTunnel both ->
          "DOUBLEHBONE "
              + NetUtil.toSocketAddressString(both.nextHop())
              + " for "
              + both.authority();
      case OutboundDecision.Plaintext plain ->
          "TCP " + NetUtil.toSocketAddressString(plain.nextHop());
      case OutboundDecision.NeedsAddress needed -> "LOOKUP " + needed.hostname();
      case OutboundDecision.Refused(var why) -> why.message();
    };
  }
}
