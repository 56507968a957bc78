package dev.kiri.local.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A cluster's names (RFC 1035 messages, Kubernetes' DNS specification).
class DnsAnswersTest {
  private static final int A = 1;
  private static final int AAAA = 28;
  private static final int SRV = 33;

  private final DnsZone zone =
      DnsZone.of(
          objects(
              """
              {kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIPs: [10.96.1.1, "fd00:10:96::1"], ports: [{name: http, port: 80}]}}
              ---
              {kind: Service, metadata: {name: db, namespace: shop}, spec: {clusterIP: None, clusterIPs: [None], ports: [{name: sql, port: 5432}]}}
              ---
              {kind: Service, metadata: {name: away, namespace: shop}, spec: {type: ExternalName, externalName: api.example.com}}
              """),
          objects(
              """
              kind: EndpointSlice
              metadata: {name: db-v4, namespace: shop, labels: {kubernetes.io/service-name: db}}
              addressType: IPv4
              ports: [{name: sql, port: 5432}]
              endpoints:
                - {addresses: [10.244.1.2], hostname: db-0, conditions: {ready: true}}
                - {addresses: [10.244.1.3], hostname: db-1, conditions: {ready: false}}
              """),
          objects(
              """
              kind: Pod
              metadata: {name: api, annotations: {local.kiri.dev/outside: "true", local.kiri.dev/hostnames: "api.example.com, *.wild.example.com"}}
              status: {podIPs: [{ip: 203.0.113.5}]}
              """));

  private static List<KubeObject> objects(String yaml) {
    return Yaml.documents("test", yaml).stream()
        .map(d -> KubeObject.of(KubeObject.asMap(d)))
        .toList();
  }

  private static byte[] query(String name, int type) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (var label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, (byte) (type >> 8), (byte) type, 0, 1});
    return out.toByteArray();
  }

  private byte[] ask(String name, int type) {
    return DnsAnswers.answer(query(name, type), zone, false).orElseThrow();
  }

  private static int code(byte[] answer) {
    return answer[3] & 0xf;
  }

  private static int count(byte[] answer) {
    return answer[7];
  }

  private static List<Integer> lastFour(byte[] answer) {
    var tail = Arrays.copyOfRange(answer, answer.length - 4, answer.length);
    return List.of(tail[0] & 0xff, tail[1] & 0xff, tail[2] & 0xff, tail[3] & 0xff);
  }

  @Test
  void answers_a_service_with_its_cluster_address() {
    var answer = ask("web.shop.svc.cluster.local", A);

    assertThat(code(answer)).isZero();
    assertThat(count(answer)).isEqualTo(1);
    assertThat(lastFour(answer)).containsExactly(10, 96, 1, 1);
  }

  @Test
  void answers_the_other_family_from_the_other_address() {
    var answer = ask("WEB.shop.svc.cluster.local", AAAA);

    assertThat(count(answer)).isEqualTo(1);
    assertThat(answer[answer.length - 1]).isEqualTo((byte) 1);
  }

  @Test
  void answers_a_headless_service_with_its_ready_endpoints() {
    assertThat(count(ask("db.shop.svc.cluster.local", A))).isEqualTo(1);
    assertThat(lastFour(ask("db-0.db.shop.svc.cluster.local", A))).containsExactly(10, 244, 1, 2);
    assertThat(code(ask("db-1.db.shop.svc.cluster.local", A))).isEqualTo(3);
  }

  @Test
  void answers_service_queries_for_named_ports() {
    assertThat(count(ask("_http._tcp.web.shop.svc.cluster.local", SRV))).isEqualTo(1);
    assertThat(count(ask("_sql._tcp.db.shop.svc.cluster.local", SRV))).isEqualTo(1);
  }

  @Test
  void follows_an_external_name_to_an_outside_host() {
    var answer = ask("away.shop.svc.cluster.local", A);

    assertThat(count(answer)).isEqualTo(2);
    assertThat(lastFour(answer)).containsExactly(203, 0, 113, 5);
  }

  @Test
  void answers_outside_names_and_names_below_a_wildcard() {
    assertThat(lastFour(ask("api.example.com", A))).containsExactly(203, 0, 113, 5);
    assertThat(lastFour(ask("deep.er.wild.example.com", A))).containsExactly(203, 0, 113, 5);
  }

  @Test
  void answers_a_pods_name() {
    assertThat(lastFour(ask("10-244-1-2.shop.pod.cluster.local", A)))
        .containsExactly(10, 244, 1, 2);
  }

  @Test
  void says_at_once_that_other_names_do_not_exist() {
    assertThat(code(ask("example.org", A))).isEqualTo(3);
    assertThat(code(ask("nobody.shop.svc.cluster.local", A))).isEqualTo(3);
  }

  @Test
  void has_no_address_of_a_family_a_service_lacks() {
    var answer = ask("db-0.db.shop.svc.cluster.local", AAAA);

    assertThat(code(answer)).isZero();
    assertThat(count(answer)).isZero();
  }

  @Test
  void never_fails_on_bytes_that_are_no_query() {
    var random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      var bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      if (bytes.length > 5) {
        bytes[2] = (byte) (bytes[2] & 0x07);
        bytes[4] = 0;
        bytes[5] = 1;
      }
      assertThat(DnsAnswers.answer(bytes, zone, i % 2 == 0)).isNotNull();
    }
  }
}
