package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is refused of ServiceEntries and WorkloadEntries, and what is said about it.
class ServiceEntryReaderTest {
  private static final String PORT = "ports: [{number: 80, name: http}]";

  private static Decoded decode(String kind, String spec) {
    String text =
        "{apiVersion: networking.istio.io/v1, kind: %s, metadata: {name: e}, spec: {%s}}"
            .formatted(kind, spec);
    return Decoder.decode(Objects.parse(text).getFirst(), new Origin("e.yaml", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "resolution: NONE | spec.hosts: found nothing, accepted: at least one host name (required)",
        "hosts: ['*'] | spec.hosts[0]: found \"*\", accepted: a DNS name, or *. and a DNS name (not"
            + " * alone)",
        "hosts: [a.b, a.b] | spec.hosts[1]: found \"a.b\" twice, accepted: each host once",
        "hosts: [a.b], addresses: [10.0.0] | spec.addresses[0]: found \"10.0.0\", accepted: an IP"
            + " address or a block such as 10.1.0.0/16",
        "hosts: [a.b], resolution: dns | spec.resolution: found \"dns\", accepted: one of DNS,"
            + " DNS_ROUND_ROBIN, DYNAMIC_DNS, NONE, STATIC",
        "hosts: [a.b], resolution: DNS, addresses: [10.0.0.0/8] | spec.addresses: found a block"
            + " with resolution DNS, accepted: single addresses, or resolution NONE or STATIC",
        "hosts: ['*.b'], resolution: DNS | spec.hosts: found a wildcard host with resolution DNS"
            + " and no endpoints, accepted: resolution DYNAMIC_DNS or NONE, or endpoints",
        "hosts: [a.b], endpoints: [{address: 192.0.2.1}] | spec.endpoints: found endpoints with"
            + " resolution NONE, accepted: resolution STATIC or DNS, or no endpoints",
        "hosts: [a.b], resolution: STATIC, endpoints: [{address: vm.example}] |"
            + " spec.endpoints[0].address: found \"vm.example\", accepted: an IP address"
            + " (resolution is STATIC)",
        "hosts: [a.b], resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints:"
            + " [{address: 192.0.2.1}] | spec.workloadSelector: found a selector beside endpoints,"
            + " accepted: one of the two",
        "hosts: [a.b], ports: [{name: x}] | spec.ports[0].number: found nothing, accepted: a port"
            + " number from 1 to 65535 (required)",
        "hosts: [a.b], ports: [{number: 80, name: x}, {number: 80, name: y}] | spec.ports[1]: found"
            + " port 80 named \"y\" again, accepted: each number and each name once"
      })
  void a_service_entry_that_cannot_be_meant_is_refused(String spec, String text) {
    Decoded decoded = decode("ServiceEntry", spec);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).containsExactly(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "address: 'unix:///run/x' | spec.address: found \"unix:///run/x\", accepted: an IP address"
            + " or a DNS name",
        "ports: {http: 70000} | spec.ports.http: found 70000, accepted: a whole number from 1 to"
            + " 65535",
        "weight: -1 | spec.weight: found -1, accepted: a whole number from 0 to 2147483647"
      })
  void a_workload_entry_that_cannot_be_meant_is_refused(String spec, String text) {
    Decoded decoded = decode("WorkloadEntry", spec);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).containsExactly(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hosts: ['*.b.example'], resolution: DYNAMIC_DNS, " + PORT,
        "hosts: [a.b], resolution: DNS, endpoints: [{address: other.example}], location:"
            + " MESH_INTERNAL, exportTo: ['.'], subjectAltNames: [x]"
      })
  void a_sound_service_entry_is_accepted_without_a_word(String spec) {
    Decoded decoded = decode("ServiceEntry", spec);

    assertThat(decoded).isInstanceOf(Decoded.Accepted.class);
    assertThat(decoded.problems()).isEmpty();
  }
}
