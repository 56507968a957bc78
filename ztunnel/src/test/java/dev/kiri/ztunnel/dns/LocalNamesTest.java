package dev.kiri.ztunnel.dns;

import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Upstream's pinned lookups (istio/ztunnel `src/dns/server.rs`), for a client in namespace ns1 on
/// network nw1.
class LocalNamesTest {
  private static final DnsSettings SETTINGS =
      new DnsSettings(true, List.of(), "cluster.local", true, true, "preferred");
  private static final Workload CLIENT =
      new WorkloadBuilder("c//Pod/ns1/client").name("ns1", "client").network("nw1").build();

  private final MeshSnapshot mesh = mesh();

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "www.google.com., A, 1.1.1.1",
    "WWW.Google.com., A, 1.1.1.1",
    "www.google.com.ns1.svc.cluster.local., A, CNAME www.google.com. 1.1.1.1",
    "productpage., A, 9.9.9.9",
    "productpage.ns1., A, 9.9.9.9",
    "productpage.ns1.svc., A, 9.9.9.9",
    "productpage.ns1.svc.cluster.local., A, 9.9.9.9",
    "productpage.ns1.ns1.svc.cluster.local., A, CNAME productpage.ns1. 9.9.9.9",
    "productpage.ns1.ns1.svc.cluster.local., AAAA, none",
    "example.ns2., A, 10.10.10.10",
    "example.ns2.svc., A, 10.10.10.10",
    "example.ns2.svc.cluster.local., A, 10.10.10.10",
    "example., A, forward",
    "details.ns2.svc.cluster.remote., A, 11.11.11.11 12.12.12.12 13.13.13.13 14.14.14.14",
    "details.ns2., A, forward",
    "productpage., NS, forward as known",
    "nothing.example.org., NS, forward",
    "dual.localhost., A, 127.0.0.1",
    "dual.localhost., AAAA, ::1",
    "ipv4.localhost., A, 127.0.0.1",
    "ipv4.localhost., AAAA, none",
    "ipv6.localhost., A, none",
    "ipv6.localhost., AAAA, ::1",
    "foo.wildcard., A, 2.2.2.1",
    "a.b.wildcard., A, 2.2.2.2",
    "a.c.wildcard., A, 2.2.2.1",
    "foo.svc.mesh.company.net.ns1.svc.cluster.local., A, 2.2.2.3",
    "other-network., A, none",
    "both-networks., A, 21.21.21.22",
    "headless., A, 30.30.30.30 31.31.31.31",
    "headless., AAAA, 2001:db8::30 2001:db8::31",
    "headless-ipv6., A, none",
    "headless-ipv6., AAAA, 2001:db8::33",
    "pod.headless.ns1.svc.cluster.local., A, forward",
    "headless.example.com., A, forward",
    "range.example.com., A, forward",
    "private.example.com., A, 7.7.7.1",
    "foreign.example.com., A, forward",
    "several.example.com., A, 8.8.8.1",
    "canonical.example.com., A, 8.8.8.3",
    "preferred.example.com., A, 8.8.8.4",
    "first.example.com., A, 8.8.8.6",
    ".,A, forward"
  })
  void names_are_answered_as_upstream_answers_them(String name, String type, String expected) {
    assertThat(answer(name, type)).isEqualTo(expected);
  }

  @Test
  void the_order_of_addresses_changes() {
    var firsts =
        new Random(1)
            .ints(40)
            .mapToObj(seed -> new LocalNames(SETTINGS, new Random(seed)))
            .map(names -> names.decide(mesh, CLIENT, question("headless.", "A"), searches()))
            .map(answer -> ((DnsAnswer.Addresses) answer).addresses().getFirst())
            .distinct();

    assertThat(firsts).hasSize(2);
  }

  @Test
  void unhealthy_endpoints_of_a_headless_service_are_left_out() {
    var store = new MeshStore();
    store.apply(
        List.of(
            new MeshUpdate.PutService(service("ns1", "h.ns1.svc.cluster.local", "h")),
            new MeshUpdate.PutWorkload(
                endpoint("up", "h", "40.0.0.1").health(HealthStatus.HEALTHY).build()),
            new MeshUpdate.PutWorkload(
                endpoint("down", "h", "40.0.0.2").health(HealthStatus.UNHEALTHY).build())));

    assertThat(answer(store.current(), SETTINGS, "h.", "A")).isEqualTo("40.0.0.1");
  }

  @Test
  void without_ipv6_no_name_has_such_an_address() {
    var settings = new DnsSettings(true, List.of(), "cluster.local", true, false, null);

    assertThat(answer(mesh, settings, "dual.localhost.", "AAAA")).isEqualTo("none");
    assertThat(answer(mesh, settings, "dual.localhost.", "A")).isEqualTo("127.0.0.1");
  }

  @Test
  void a_dedicated_proxy_takes_the_search_domains_of_its_machine() {
    var settings = new DnsSettings(true, List.of(), "cluster.local", false, true, null);

    assertThat(settings.searches("ns1", Resolvers.parse("search corp.example lab.example")))
        .containsExactly("corp.example", "lab.example");
    assertThat(SETTINGS.searches("ns1", Resolvers.NONE))
        .containsExactly("ns1.svc.cluster.local", "svc.cluster.local", "cluster.local");
  }

  @ParameterizedTest
  @CsvSource({
    "name, name.ns1.svc.cluster.local",
    "name.ns2, name.ns2.svc.cluster.local name.ns2.ns1.svc.cluster.local",
    "name.ns2.svc, name.ns2.svc.cluster.local name.ns2.svc.svc.cluster.local",
    "www.google.com, www.google.com.svc.cluster.local",
    "a.name.ns2.svc, a.name.ns2.svc.cluster.local",
    "one.two.three.four, ''",
    "name.ns2.svc.cluster.local, ''"
  })
  void short_names_stand_for_services(String name, String expected) {
    assertThat(String.join(" ", NameCandidates.expansions(name, "ns1", "cluster.local")))
        .isEqualTo(expected);
  }

  private String answer(String name, String type) {
    return answer(mesh, SETTINGS, name, type);
  }

  private static String answer(MeshSnapshot mesh, DnsSettings settings, String name, String type) {
    var names = new LocalNames(settings, new Random(1));
    return switch (names.decide(mesh, CLIENT, question(name, type), searches())) {
      case DnsAnswer.Addresses(_, var alias, var addresses) -> told(alias, addresses);
      case DnsAnswer.NoRecords _ -> "none";
      case DnsAnswer.Forward(var known) -> known ? "forward as known" : "forward";
    };
  }

  private static String told(@Nullable DnsName alias, List<InetAddress> addresses) {
    var sorted = new ArrayList<>(addresses.stream().map(DnsBytes::text).toList());
    sorted.sort(null);
    return (alias == null ? "" : "CNAME " + alias + " ") + String.join(" ", sorted);
  }

  private static List<String> searches() {
    return SETTINGS.searches("ns1", Resolvers.NONE);
  }

  private static DnsQuery question(String name, String type) {
    int number =
        switch (type) {
          case "A" -> DnsBytes.A;
          case "AAAA" -> DnsBytes.AAAA;
          default -> DnsBytes.NS;
        };
    return DnsBytes.query(name, number);
  }

  private static MeshSnapshot mesh() {
    var updates = new ArrayList<MeshUpdate>();
    for (var service :
        List.of(
            service("ns1", "www.google.com", "google", "1.1.1.1"),
            service("ns1", "productpage.ns1.svc.cluster.local", "productpage", "9.9.9.9"),
            service("ns2", "example.ns2.svc.cluster.local", "example", "10.10.10.10"),
            service(
                "ns2",
                "details.ns2.svc.cluster.remote",
                "details",
                "11.11.11.11",
                "12.12.12.12",
                "13.13.13.13",
                "14.14.14.14"),
            service("ns1", "dual.localhost", "dual", "127.0.0.1", "::1"),
            with(
                service("ns1", "ipv4.localhost", "ipv4", "127.0.0.1", "::1"), IpFamilies.IPV4_ONLY),
            with(
                service("ns1", "ipv6.localhost", "ipv6", "127.0.0.1", "::1"), IpFamilies.IPV6_ONLY),
            service("ns1", "*.wildcard", "wide", "2.2.2.1"),
            service("ns1", "*.b.wildcard", "narrow", "2.2.2.2"),
            service("ns1", "*.svc.mesh.company.net", "company", "2.2.2.3"),
            on("nw2", service("ns1", "other-network.ns1.svc.cluster.local", "on2", "20.20.20.20")),
            service("ns1", "headless.ns1.svc.cluster.local", "headless"),
            service("ns1", "headless-ipv6.ns1.svc.cluster.local", "headless-ipv6"),
            service("ns1", "headless.example.com", "entry"),
            ranged(service("ns1", "range.example.com", "range")),
            with(service("ns1", "private.example.com", "private", "7.7.7.1"), Visibility.NAMESPACE),
            with(service("ns2", "foreign.example.com", "foreign", "7.7.7.2"), Visibility.NAMESPACE),
            service("ns1", "several.example.com", "several", "8.8.8.1"),
            canonical(service("ns2", "several.example.com", "several", "8.8.8.2")),
            service("ns2", "canonical.example.com", "several", "8.8.8.7"),
            canonical(service("ns3", "canonical.example.com", "several", "8.8.8.3")),
            service("ns2", "preferred.example.com", "several", "8.8.8.5"),
            service("preferred", "preferred.example.com", "several", "8.8.8.4"),
            service("ns2", "first.example.com", "several", "8.8.8.6"),
            service("ns3", "first.example.com", "several", "8.8.8.8"))) {
      updates.add(new MeshUpdate.PutService(service));
    }
    var both = service("ns1", "both-networks.ns1.svc.cluster.local", "both", "21.21.21.22");
    var vips = new ArrayList<>(both.vips());
    vips.add(new NetworkAddress("nw2", InetAddress.ofLiteral("21.21.21.21")));
    updates.add(new MeshUpdate.PutService(changed(both, vips)));
    updates.add(
        new MeshUpdate.PutWorkload(
            endpoint("h0", "headless", "30.30.30.30", "2001:db8::30").build()));
    updates.add(
        new MeshUpdate.PutWorkload(
            endpoint("h1", "headless", "31.31.31.31", "2001:db8::31").build()));
    updates.add(
        new MeshUpdate.PutWorkload(endpoint("h2", "headless-ipv6", "2001:db8::33").build()));
    var store = new MeshStore();
    store.apply(updates);
    return store.current();
  }

  private static WorkloadBuilder endpoint(String name, String service, String... ips) {
    return workload(name, ips)
        .network("nw1")
        .service(
            new ServiceKey("ns1", service + ".ns1.svc.cluster.local"), PortMap.of(Map.of(80, 80)));
  }

  private static Service service(String namespace, String host, String name, String... vips) {
    return new Service(
        name,
        namespace,
        host,
        List.of(vips).stream()
            .map(vip -> new NetworkAddress("nw1", InetAddress.ofLiteral(vip)))
            .toList(),
        List.of(),
        PortMap.of(Map.of(80, 80)),
        List.of(),
        null,
        List.of(),
        null,
        IpFamilies.AUTOMATIC,
        false,
        Visibility.PUBLIC);
  }

  private static Service on(String network, Service service) {
    return changed(
        service,
        service.vips().stream().map(vip -> new NetworkAddress(network, vip.address())).toList());
  }

  private static Service changed(Service of, List<NetworkAddress> vips) {
    return copy(of, vips, of.cidrVips(), of.ipFamilies(), of.canonical(), of.visibility());
  }

  private static Service with(Service of, IpFamilies families) {
    return copy(of, of.vips(), of.cidrVips(), families, of.canonical(), of.visibility());
  }

  private static Service with(Service of, Visibility visibility) {
    return copy(of, of.vips(), of.cidrVips(), of.ipFamilies(), of.canonical(), visibility);
  }

  private static Service canonical(Service of) {
    return copy(of, of.vips(), of.cidrVips(), of.ipFamilies(), true, of.visibility());
  }

  private static Service ranged(Service of) {
    var range = List.of(new CidrVip("nw1", IpPrefix.parse("203.0.113.0/24")));
    return copy(of, of.vips(), range, of.ipFamilies(), of.canonical(), of.visibility());
  }

  private static Service copy(
      Service of,
      List<NetworkAddress> vips,
      List<CidrVip> ranges,
      IpFamilies families,
      boolean canonical,
      Visibility visibility) {
    return new Service(
        of.name(),
        of.namespace(),
        of.hostname(),
        vips,
        ranges,
        of.ports(),
        of.subjectAltNames(),
        of.waypoint(),
        of.weightedWaypoints(),
        of.loadBalancing(),
        families,
        canonical,
        visibility);
  }
}
