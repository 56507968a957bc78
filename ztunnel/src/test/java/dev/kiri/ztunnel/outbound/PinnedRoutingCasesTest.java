package dev.kiri.ztunnel.outbound;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.byHostname;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.TestMesh.ServiceOf;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.EndpointView;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every row of upstream's pinned routing cases (istio/ztunnel `src/proxy/outbound.rs`, tests),
/// under its name. What [OutboundDeciderTest] says of the same cases, it says by reason.
class PinnedRoutingCasesTest {
  private static final String EXAMPLE = "DOUBLEHBONE 10.22.1.1:15009 for example.com:80";

  private final OutboundDecider decider =
      new OutboundDecider(
          "",
          Set.of(15001, 15006, 15008),
          new EndpointChooser(new Random(7), EndpointView.NONE),
          new Random(7));

  @TestFactory
  Stream<DynamicTest> rows() {
    return Stream.of(
        row("unknown", mesh(), "1.2.3.4", "TCP 1.2.3.4:80"),
        row(
            "plain workload, local node",
            mesh().with(workload("p", "127.0.0.2").node("local")),
            "127.0.0.2",
            "TCP 127.0.0.2:80"),
        row(
            "plain workload, remote node",
            mesh().with(workload("p", "127.0.0.2").node("remote")),
            "127.0.0.2",
            "TCP 127.0.0.2:80"),
        row(
            "HBONE workload, local node",
            mesh().with(captured("h", "127.0.0.2").node("local")),
            "127.0.0.2",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:80"),
        row(
            "HBONE workload, remote node",
            mesh().with(captured("h", "127.0.0.2").node("remote")),
            "127.0.0.2",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:80"),
        row(
            "source has waypoint",
            workload("source", "127.0.0.2").waypoint(byAddress("127.0.0.10", 15008)),
            mesh(),
            "127.0.0.1",
            "TCP 127.0.0.1:80"),
        row(
            "destination workload has waypoint",
            mesh().with(captured("d", "127.0.0.2").waypoint(byAddress("127.0.0.10", 15008))),
            "127.0.0.2",
            "HBONE 127.0.0.10:15008 for 127.0.0.2:80"),
        row(
            "same, dual-stack pod asked by v6, waypoint addressed by v4",
            mesh()
                .with(
                    captured("d", "127.0.0.2", "ff06::c3")
                        .waypoint(byAddress("127.0.0.11", 15008))),
            "ff06::c3",
            "HBONE 127.0.0.11:15008 for [ff06::c3]:80"),
        row(
            "service with waypoint",
            mesh()
                .with(svc().waypoint(byAddress("127.0.0.10", 15008)).build())
                .with(endpoint("127.0.0.2")),
            "127.0.0.3",
            "HBONE 127.0.0.10:15008 for 127.0.0.3:80"),
        row(
            "service without endpoints",
            mesh().with(svc().build()),
            "127.0.0.3",
            "no healthy upstream: 127.0.0.3:80"),
        row(
            "named target port; only one pod maps it",
            mesh()
                .with(svc().port(80, 0).build())
                .with(workload("a", "127.0.0.2").service(key("svc"), PortMap.of(80, 1234)))
                .with(workload("b", "127.0.0.7").service(key("svc"), PortMap.empty())),
            "127.0.0.3",
            "TCP 127.0.0.2:1234"),
        row(
            "service endpoint on network remote, no gateway",
            example(null),
            "127.0.0.3",
            "no valid routing destination for workload: cluster1//v1/Pod/ns/remote"),
        row("remote endpoint, gateway by ip", byIp(), "127.0.0.3", EXAMPLE),
        row(
            "gateway by hostname, service 15009 to 15008",
            example(byHostname("gw.com", 15009))
                .with(service("gw").port(15009, 15008).build())
                .with(captured("gw-pod", "127.0.0.12").service(key("gw"), PortMap.empty())),
            "127.0.0.3",
            "DOUBLEHBONE 127.0.0.12:15008 for example.com:80"),
        row(
            "remote service waypoint with gateway",
            mesh()
                .with(gateway())
                .with(
                    service("example")
                        .vip("127.0.0.3")
                        .waypoint(byHostname("wp.com", 15008))
                        .build())
                .with(service("wp").port(15008, 15008).build())
                .with(
                    captured("remote-wp")
                        .network("remote")
                        .networkGateway(byAddress("10.22.1.1", 15009))
                        .service(key("wp"), PortMap.empty())),
            "127.0.0.3",
            EXAMPLE),
        row(
            "FAILOVER [NETWORK], healthy local HBONE pod",
            failover(HealthStatus.HEALTHY),
            "127.0.0.3",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:8080"),
        row("same, local pod unhealthy", failover(HealthStatus.UNHEALTHY), "127.0.0.3", EXAMPLE),
        row(
            "two host-network pods share an ip; service selects pod1",
            hostNetwork(),
            "127.0.0.3",
            "TCP 127.0.0.2:80"),
        row("same, node ip direct", hostNetwork(), "127.0.0.2", "TCP 127.0.0.2:80"),
        row(
            "dual-stack pod, asked by v4",
            mesh().with(captured("d", "127.0.0.2", "ff06::c3")),
            "127.0.0.2",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:80"),
        row(
            "dual-stack pod, asked by v6",
            mesh().with(captured("d", "127.0.0.2", "ff06::c3")),
            "ff06::c3",
            "HBONE [ff06::c3]:15008 for [ff06::c3]:80"),
        row(
            "service IPV6_ONLY, v4 VIP asked",
            families(IpFamilies.IPV6_ONLY),
            "127.0.0.3",
            "HBONE [ff06::c3]:15008 for [ff06::c3]:80"),
        row(
            "service IPV4_ONLY",
            families(IpFamilies.IPV4_ONLY),
            "127.0.0.3",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:80"),
        row(
            "service DUAL, v4 VIP",
            families(IpFamilies.DUAL),
            "127.0.0.3",
            "HBONE 127.0.0.2:15008 for 127.0.0.2:80"),
        row(
            "service DUAL, v6 VIP",
            families(IpFamilies.DUAL),
            "ff06::3",
            "HBONE [ff06::c3]:15008 for [ff06::c3]:80"),
        row(
            "PASSTHROUGH service",
            mesh().with(service("svc").vip("1.2.3.4").mode(Mode.PASSTHROUGH).build()),
            "1.2.3.4",
            "TCP 1.2.3.4:80"),
        row(
            "PASSTHROUGH with waypoint",
            mesh()
                .with(
                    service("svc")
                        .vip("1.2.3.4")
                        .mode(Mode.PASSTHROUGH)
                        .waypoint(byAddress("127.0.0.10", 15008))
                        .build()),
            "1.2.3.4",
            "HBONE 127.0.0.10:15008 for 1.2.3.4:80"));
  }

  private DynamicTest row(String name, TestMesh mesh, String target, String expected) {
    return row(name, workload("source", "127.0.0.1", "::1"), mesh, target, expected);
  }

  /// Twenty times, because chance has a part in it.
  private DynamicTest row(
      String name, WorkloadBuilder from, TestMesh mesh, String target, String expected) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          var source = from.build();
          var client = source.addresses().getFirst();
          var request = new OutboundRequest(source, client, at(target, 80));
          for (int i = 0; i < 20; i++) {
            var decision = decider.decide(mesh.snapshot(), request);
            assertThat(OutboundDeciderTest.text(decision)).isEqualTo(expected);
          }
        });
  }

  private static TestMesh mesh() {
    return new TestMesh()
        .with(workload("source", "127.0.0.1", "::1"))
        .with(captured("waypoint", "127.0.0.10"))
        .with(captured("dual-waypoint", "127.0.0.11", "ff06::c5"));
  }

  private static ServiceOf svc() {
    return service("svc").vip("127.0.0.3");
  }

  private static WorkloadBuilder endpoint(String... ips) {
    return captured("server", ips).service(key("svc"), PortMap.empty());
  }

  private static WorkloadBuilder gateway() {
    return captured("gateway", "10.22.1.1");
  }

  private static TestMesh byIp() {
    return example(byAddress("10.22.1.1", 15009)).with(gateway());
  }

  private static TestMesh example(@Nullable GatewayAddress gateway) {
    return mesh().with(service("example").vip("127.0.0.3").build()).with(remote(gateway));
  }

  private static WorkloadBuilder remote(@Nullable GatewayAddress gateway) {
    return captured("remote", "198.51.100.2")
        .network("remote")
        .networkGateway(gateway)
        .service(key("example"), PortMap.empty());
  }

  private static TestMesh failover(HealthStatus local) {
    return mesh()
        .with(
            service("example")
                .vip("127.0.0.3")
                .port(80, 8080)
                .mode(Mode.FAILOVER, Scope.NETWORK)
                .build())
        .with(remote(byAddress("10.22.1.1", 15009)))
        .with(gateway())
        .with(captured("near", "127.0.0.2").health(local).service(key("example"), PortMap.empty()));
  }

  private static TestMesh hostNetwork() {
    return mesh()
        .with(svc().build())
        .with(
            workload("pod1", "127.0.0.2")
                .networkMode(NetworkMode.HOST_NETWORK)
                .service(key("svc"), PortMap.empty()))
        .with(workload("pod2", "127.0.0.2").networkMode(NetworkMode.HOST_NETWORK));
  }

  private static TestMesh families(IpFamilies families) {
    return mesh()
        .with(svc().vip("ff06::3").families(families).build())
        .with(endpoint("127.0.0.2", "ff06::c3"));
  }
}
