package dev.kiri.ztunnel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate.PutService;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.HealthPolicy;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.Locality;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.ztunnel.balance.EndpointChoice.Purpose;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Cases of istio/ztunnel `src/state.rs`.
class EndpointChoiceTest {
  private static final ServiceKey WEB = new ServiceKey("ns", "web.ns.svc.cluster.local");
  private static final InetAddress IP = InetAddress.ofLiteral("192.0.2.7");

  private final MeshStore store = new MeshStore();
  private final Random random = new Random(7);
  private final Seen view = new Seen();

  private static WorkloadBuilder pod(String name) {
    return new WorkloadBuilder("k//Pod/ns/" + name).name("ns", name).addresses(IP);
  }

  private static WorkloadBuilder placed(String name, String network, String region, String zone) {
    return pod(name).network(network).locality(new Locality(region, zone, ""));
  }

  private void endpoint(WorkloadBuilder workload, PortMap ports) {
    store.apply(List.of(new PutWorkload(workload.service(WEB, ports).build())));
  }

  private void endpoint(WorkloadBuilder workload) {
    endpoint(workload, PortMap.empty());
  }

  private Service service(PortMap ports, @Nullable LoadBalancing balancing) {
    var service =
        new Service(
            "web",
            WEB.namespace(),
            WEB.hostname(),
            List.of(new NetworkAddress("", InetAddress.ofLiteral("198.51.100.1"))),
            List.of(),
            ports,
            List.of(),
            null,
            List.of(),
            balancing,
            IpFamilies.AUTOMATIC,
            true,
            Visibility.PUBLIC);
    store.apply(List.of(new PutService(service)));
    return service;
  }

  private static LoadBalancing balancing(Mode mode, Scope... preferences) {
    return new LoadBalancing(List.of(preferences), mode, HealthPolicy.ONLY_HEALTHY);
  }

  private @Nullable EndpointChoice choose(Service service, WorkloadBuilder client, int port) {
    return EndpointChoice.of(
        store.current(), client.build(), service, port, Purpose.STANDARD, view, random);
  }

  private Set<String> reached(Service service, WorkloadBuilder client) {
    var reached = new TreeSet<String>();
    for (int i = 0; i < 200; i++) {
      var choice = choose(service, client, 80);
      if (choice != null) {
        reached.add(choice.workload().name());
      }
    }
    return reached;
  }

  private static final PortMap PORTS = PortMap.of(80, 8080);

  private void fourPlaces() {
    endpoint(placed("all", "n1", "r1", "z1"));
    endpoint(placed("network-region", "n1", "r1", "z2"));
    endpoint(placed("network", "n1", "r2", "z3"));
    endpoint(placed("elsewhere", "n2", "r1", "z1"));
  }

  @ParameterizedTest
  @CsvSource({
    "n1, r1, z1, all",
    "n1, r1, z9, all network-region",
    "n1, r9, z9, all network network-region",
    "n9, r1, z1, all elsewhere",
    "n9, r9, z9, all elsewhere network network-region"
  })
  void failover_takes_the_group_that_shares_most_and_network_first_outweighs_the_rest(
      String network, String region, String zone, String expected) {
    fourPlaces();
    var service = service(PORTS, balancing(Mode.FAILOVER, Scope.NETWORK, Scope.REGION, Scope.ZONE));

    assertThat(reached(service, placed("client", network, region, zone)))
        .containsExactly(expected.split(" "));
  }

  @ParameterizedTest
  @CsvSource({"n1, r1, z1, all", "n1, r1, z9, ''", "n9, r1, z1, ''"})
  void strict_takes_only_what_shares_everything(
      String network, String region, String zone, String expected) {
    fourPlaces();
    var service = service(PORTS, balancing(Mode.STRICT, Scope.NETWORK, Scope.REGION, Scope.ZONE));

    assertThat(String.join(" ", reached(service, placed("client", network, region, zone))))
        .isEqualTo(expected);
  }

  @Test
  void without_preferences_every_endpoint_is_reached() {
    fourPlaces();

    assertThat(reached(service(PORTS, null), placed("client", "n1", "r1", "z1"))).hasSize(4);
  }

  @Test
  void strict_on_the_node_is_internal_traffic_policy_local() {
    endpoint(pod("here").node("a"));
    endpoint(pod("there").node("b"));
    var service = service(PORTS, balancing(Mode.STRICT, Scope.NODE));

    assertThat(reached(service, pod("client").node("a"))).containsExactly("here");
    assertThat(reached(service, pod("client").node("c"))).isEmpty();
  }

  @Test
  void an_endpoint_without_address_is_reached_only_through_the_gateway_of_another_network() {
    var gateway = new GatewayAddress.ByAddress(new NetworkAddress("n2", IP), 15008);
    endpoint(pod("lost").addresses().network("n1"));
    endpoint(pod("lost-with-gateway").addresses().network("n1").networkGateway(gateway));
    endpoint(pod("far").addresses().network("n2").networkGateway(gateway));
    endpoint(pod("named").addresses().network("n1").hostname("db.example.com"));

    assertThat(reached(service(PORTS, null), pod("client").network("n1")))
        .containsExactly("far", "named");
  }

  @Test
  void unhealthy_endpoints_are_passed_over_unless_the_service_takes_all() {
    endpoint(pod("well"));
    endpoint(pod("ill").health(HealthStatus.UNHEALTHY));
    var all = new LoadBalancing(List.of(), Mode.STANDARD, HealthPolicy.ALLOW_ALL);

    assertThat(reached(service(PORTS, null), pod("client"))).containsExactly("well");
    assertThat(reached(service(PORTS, all), pod("client"))).containsExactly("ill", "well");
  }

  @Test
  void the_own_port_of_an_endpoint_goes_before_that_of_the_service() {
    endpoint(pod("own"), PortMap.of(80, 9090));
    var choice = choose(service(PORTS, null), pod("client"), 80);

    assertThat(choice).isNotNull().extracting(EndpointChoice::port).isEqualTo(9090);
  }

  @Test
  void the_port_of_the_service_goes_for_endpoints_that_have_none() {
    endpoint(pod("plain"));

    assertThat(choose(service(PORTS, null), pod("client"), 80))
        .isNotNull()
        .extracting(EndpointChoice::port)
        .isEqualTo(8080);
  }

  @Test
  void a_named_port_is_served_only_by_the_endpoints_that_know_it() {
    endpoint(pod("knows"), PortMap.of(80, 1234));
    endpoint(pod("does-not"));

    assertThat(reached(service(PortMap.of(80, 0), null), pod("client"))).containsExactly("knows");
  }

  @Test
  void a_port_the_service_does_not_define_has_no_endpoint() {
    endpoint(pod("plain"));

    assertThat(choose(service(PORTS, null), pod("client"), 81)).isNull();
  }

  @Test
  void a_waypoint_with_an_application_tunnel_takes_any_port() {
    endpoint(
        pod("wp")
            .applicationTunnel(new ApplicationTunnel(ApplicationTunnel.Protocol.PROXY, 15088)));
    var service = service(PortMap.of(80, 0), null);

    for (int port : new int[] {80, 443}) {
      var choice =
          EndpointChoice.of(store.current(), null, service, port, Purpose.WAYPOINT, view, random);
      assertThat(choice).isNotNull().extracting(EndpointChoice::port).isEqualTo(port);
    }
  }

  @Test
  void capacity_shares_connections_and_zero_takes_none() {
    endpoint(pod("big").capacity(3));
    endpoint(pod("small").capacity(1));
    endpoint(pod("none").capacity(0));
    var service = service(PORTS, null);

    int big = 0;
    for (int i = 0; i < 4000; i++) {
      var choice = choose(service, pod("client"), 80);
      assertThat(choice).isNotNull();
      big += choice != null && choice.workload().name().equals("big") ? 1 : 0;
    }

    assertThat(big).isBetween(2800, 3200);
    assertThat(reached(service, pod("client"))).containsExactly("big", "small");
  }

  @Test
  void with_no_capacity_at_all_there_is_no_endpoint() {
    endpoint(pod("none").capacity(0));

    assertThat(choose(service(PORTS, null), pod("client"), 80)).isNull();
  }

  @Test
  void of_two_the_less_busy_one_for_its_capacity_is_taken() {
    endpoint(pod("busy"));
    endpoint(pod("idle"));
    view.open.put("k//Pod/ns/busy", 5);

    int busy = 0;
    for (int i = 0; i < 4000; i++) {
      var choice = choose(service(PORTS, null), pod("client"), 80);
      busy += choice != null && choice.workload().name().equals("busy") ? 1 : 0;
    }

    assertThat(busy).isBetween(850, 1150); // only when it is drawn twice
  }

  @Test
  void twice_the_connections_on_twice_the_capacity_is_as_busy() {
    endpoint(pod("big").capacity(2));
    endpoint(pod("small").capacity(1));
    view.open.put("k//Pod/ns/big", 10);
    view.open.put("k//Pod/ns/small", 5);

    int big = 0;
    for (int i = 0; i < 3000; i++) {
      var choice = choose(service(PORTS, null), pod("client"), 80);
      big += choice != null && choice.workload().name().equals("big") ? 1 : 0;
    }

    assertThat(big).isBetween(1850, 2150);
  }

  @Test
  void a_service_that_asks_for_places_is_not_balanced_by_connections() {
    endpoint(pod("busy"));
    endpoint(pod("idle"));
    view.open.put("k//Pod/ns/busy", 1000);
    var service = service(PORTS, balancing(Mode.FAILOVER, Scope.REGION));

    int busy = 0;
    for (int i = 0; i < 2000; i++) {
      var choice = choose(service, pod("client"), 80);
      busy += choice != null && choice.workload().name().equals("busy") ? 1 : 0;
    }

    assertThat(busy).isBetween(850, 1150);
  }

  @Test
  void an_endpoint_that_failed_just_now_is_left_out() {
    endpoint(pod("dead"));
    endpoint(pod("alive"));
    view.ejected.add(new EndpointKey("k//Pod/ns/dead", 8080));

    assertThat(reached(service(PORTS, null), pod("client"))).containsExactly("alive");
  }

  @Test
  void only_the_port_that_failed_is_left_out() {
    endpoint(pod("half"));
    view.ejected.add(new EndpointKey("k//Pod/ns/half", 9090));
    endpoint(pod("other"));

    assertThat(reached(service(PORTS, null), pod("client"))).containsExactly("half", "other");
  }

  @Test
  void with_every_endpoint_of_the_best_place_failing_the_next_place_is_taken() {
    fourPlaces();
    view.ejected.add(new EndpointKey("k//Pod/ns/all", 8080));
    var service = service(PORTS, balancing(Mode.FAILOVER, Scope.NETWORK, Scope.REGION, Scope.ZONE));

    assertThat(reached(service, placed("client", "n1", "r1", "z1")))
        .containsExactly("network-region");
  }

  @Test
  void strict_does_not_leave_its_place_for_a_failing_endpoint() {
    fourPlaces();
    view.ejected.add(new EndpointKey("k//Pod/ns/all", 8080));
    var service = service(PORTS, balancing(Mode.STRICT, Scope.NETWORK, Scope.REGION, Scope.ZONE));

    assertThat(reached(service, placed("client", "n1", "r1", "z1"))).containsExactly("all");
  }

  @Test
  void with_all_failing_a_doubtful_endpoint_is_better_than_none() {
    endpoint(pod("dead"));
    endpoint(pod("gone"));
    view.ejected.add(new EndpointKey("k//Pod/ns/dead", 8080));
    view.ejected.add(new EndpointKey("k//Pod/ns/gone", 8080));

    assertThat(reached(service(PORTS, null), pod("client"))).containsExactly("dead", "gone");
  }

  /// What the test says was seen.
  private static final class Seen implements EndpointView {
    final Set<EndpointKey> ejected = new HashSet<>();
    final Map<String, Integer> open = new HashMap<>();

    @Override
    public boolean ejected(String source, String workloadUid, int port) {
      return ejected.contains(new EndpointKey(workloadUid, port));
    }

    @Override
    public int open(String workloadUid) {
      return open.getOrDefault(workloadUid, 0);
    }
  }
}
