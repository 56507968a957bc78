package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Input;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Allocated;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Virtual addresses for hosts of ServiceEntries (controlplane.md 11).
class HostAddressesTest {
  private final Graph graph = new Graph();
  private final Input<String, ServiceEntryObject> entries = graph.input("entries");
  private final HostAddresses addresses = given("240.240.0.0/29", "2001:2::/48");

  private HostAddresses given(String... ranges) {
    return new HostAddresses(
        graph, entries, Stream.of(ranges).map(r -> IpBlock.parse(r).orElseThrow()).toList());
  }

  private void put(String name, String meta, String spec, String status) {
    entries.put(
        "ns/" + name,
        Objects.object(
            ServiceEntryObject.class,
            "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: %s, namespace: ns, %s}, spec: {ports: [{number: 80, name: http}], %s}, status: {addresses: [%s]}}"
                .formatted(name, meta, spec, status)));
    addresses.settle();
  }

  private void dns(String name, String... hosts) {
    put(name, "", "resolution: DNS, hosts: [" + String.join(", ", hosts) + "]", "");
  }

  private String of(String name) {
    return String.join(
        " ",
        addresses.given().rows().getOrDefault("ns/" + name, List.of()).stream()
            .map(HostAddressesTest::text)
            .toList());
  }

  private static String text(Allocated one) {
    return one.host() + "=" + one.address().address().getHostAddress();
  }

  @Test
  void every_host_gets_one_address_of_each_range_in_order() {
    dns("e", "a.example", "b.example");

    assertThat(of("e"))
        .isEqualTo(
            "a.example=240.240.0.1 a.example=2001:2:0:0:0:0:0:1"
                + " b.example=240.240.0.2 b.example=2001:2:0:0:0:0:0:2");
  }

  @Test
  void who_has_addresses_or_is_not_resolved_or_opts_out_gets_none() {
    put("none", "", "resolution: NONE, hosts: [a.example]", "");
    put("own", "", "resolution: DNS, hosts: [b.example], addresses: [10.1.1.1]", "");
    put(
        "out",
        "labels: {networking.istio.io/enable-autoallocate-ip: 'false'}",
        "resolution: DNS, hosts: [c.example]",
        "{host: c.example, value: 240.240.0.3}");
    put(
        "wild",
        "",
        "resolution: STATIC, hosts: ['*.example'], endpoints: [{address: 192.0.2.1}]",
        "");
    assertThat(addresses.given().rows()).isEmpty();

    put("dynamic", "", "resolution: DYNAMIC_DNS, hosts: ['*.example']", "");
    assertThat(of("dynamic")).startsWith("*.example=240.240.0.1 ");
  }

  @Test
  void a_host_keeps_its_address_when_others_come_and_go_and_after_a_restart_by_its_status() {
    dns("b", "b.example");
    dns("a", "a.example");
    String before = of("a");
    entries.put("ns/b", null);
    addresses.settle();
    dns("a", "new.example", "a.example");
    assertThat(of("a")).endsWith(before).startsWith("new.example=240.240.0.3 ");
    assertThat(of("b")).isEmpty();

    put(
        "c",
        "",
        "resolution: DNS, hosts: [c.example]",
        "{host: c.example, value: 240.240.0.6}, {host: gone.example, value: 240.240.0.5}");
    assertThat(of("c")).startsWith("c.example=240.240.0.6 c.example=2001:").doesNotContain("gone");
  }

  @Test
  void of_two_that_say_they_have_an_address_the_older_keeps_it() {
    String status = "{host: a.example, value: 240.240.0.4}";
    put(
        "a",
        "creationTimestamp: '2026-01-02T00:00:00Z'",
        "resolution: DNS, hosts: [a.example]",
        status);
    put(
        "b",
        "creationTimestamp: '2026-01-01T00:00:00Z'",
        "resolution: DNS, hosts: [a.example]",
        status);

    assertThat(of("b")).startsWith("a.example=240.240.0.4 ");
    assertThat(of("a")).startsWith("a.example=240.240.0.1 ");
  }

  @Test
  void an_address_or_a_block_that_a_user_writes_drives_a_given_one_away() {
    dns("e", "a.example");
    put("one", "", "resolution: DNS, hosts: [u.example], addresses: [240.240.0.1]", "");
    assertThat(of("e")).startsWith("a.example=240.240.0.2 ");

    put("block", "", "resolution: NONE, hosts: [v.example], addresses: [240.240.0.2/30]", "");
    assertThat(of("e")).startsWith("a.example=240.240.0.4 ");
  }

  @Test
  void a_range_with_nothing_left_gives_nothing_and_goes_on_when_something_is_given_back() {
    for (int i = 0; i < 7; i++) {
      dns("e" + i, "a.example");
    }
    assertThat(of("e6")).isEqualTo("a.example=2001:2:0:0:0:0:0:7");

    entries.put("ns/e2", null);
    addresses.settle();
    assertThat(of("e6")).startsWith("a.example=240.240.0.3 ");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void no_two_hosts_share_an_address_and_nobody_loses_one_without_need(long seed) {
    Random random = new Random(seed);
    Map<String, String> last = new HashMap<>();
    for (int step = 0; step < 300; step++) {
      String name = "e" + random.nextInt(6);
      if (random.nextInt(3) == 0) {
        entries.put("ns/" + name, null);
        addresses.settle();
      } else {
        dns(name, "a.example");
      }
      Set<Object> seen = new HashSet<>();
      Map<String, String> now = new HashMap<>();
      addresses.given().rows().keySet().forEach(path -> now.put(path, of(path.substring(3))));
      for (List<Allocated> row : addresses.given().rows().values()) {
        row.forEach(one -> assertThat(seen.add(one.address())).isTrue());
      }
      now.forEach(
          (path, row) -> {
            assertThat(row).contains("240.240.0.").contains("2001:2:");
            assertThat(last.getOrDefault(path, row)).isEqualTo(row);
          });
      last.clear();
      last.putAll(now);
    }
  }
}
