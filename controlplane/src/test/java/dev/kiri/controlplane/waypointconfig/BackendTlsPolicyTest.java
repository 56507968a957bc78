package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.hbone.identity.PemText;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.waypoint.config.v1.BackendTls;
import dev.kiri.waypoint.config.v1.BackendTlsTarget;
import dev.kiri.waypoint.config.v1.Resource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// BackendTLSPolicies on their way to waypoints, and what they say about themselves (gateway-api.md
/// 11.1).
class BackendTlsPolicyTest {
  private static final String PEM = pem();

  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  private static String pem() {
    try {
      return PemText.block("CERTIFICATE", TestCa.root("outside").certificate().getEncoded());
    } catch (java.security.cert.CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void mesh() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports:"
                + " [{name: http, port: 80}, {name: tls, port: 443}]}}",
            "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e,"
                + " namespace: ns}, spec: {hosts: [a.example, b.example], resolution: DNS, ports:"
                + " [{number: 80, name: http, protocol: HTTP}]}}",
            map("good", PEM),
            map("empty", ""));
  }

  private static String map(String name, String pem) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: ns}, data: {ca.crt: \"%s\"}}"
        .formatted(name, pem.replace("\n", "\\n"));
  }

  private static String document(String name, int created, String spec) {
    return ("{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name:"
            + " %s, namespace: ns, creationTimestamp: '2026-01-01T00:00:0%dZ'}, spec: {%s}}")
        .formatted(name, created, spec);
  }

  private static String spec(String target, String roots) {
    return "targetRefs: [{group: '', kind: Service, name: %s}], validation: {%s, hostname: x.example}"
        .formatted(target, roots);
  }

  private static String maps(String... names) {
    StringBuilder refs = new StringBuilder();
    for (String name : names) {
      refs.append(refs.isEmpty() ? "" : ", ")
          .append("{group: '', kind: ConfigMap, name: ")
          .append(name)
          .append("}");
    }
    return "caCertificateRefs: [" + refs + "]";
  }

  private BackendTlsResult result(String name) {
    return Objects.requireNonNull(config.backendTlsPolicies().rows().get("ns/" + name));
  }

  private BackendTls sent(String name) throws Exception {
    return Resource.parseFrom(result(name).byWaypoint().get("ns/w").bytes()).getBackendTls();
  }

  private static @Nullable String reason(@Nullable Verdict verdict) {
    return verdict == null ? null : (verdict.holds() ? "" : "no ") + verdict.reason();
  }

  @Test
  void hostname_names_and_roots_are_sent_for_ports_of_services_and_all_hosts_of_entries()
      throws Exception {
    fixture.with(
        document(
            "p",
            1,
            "targetRefs: [{kind: Service, name: s, sectionName: tls}, {group: networking.istio.io,"
                + " kind: ServiceEntry, name: e}], validation: {"
                + maps("good")
                + ", hostname: x.example, subjectAltNames: [{type: Hostname, hostname: y.example},"
                + " {type: URI, uri: 'spiffe://z'}]}"));

    BackendTls tls = sent("p");
    assertThat(tls.getTargetsList())
        .containsExactlyInAnyOrder(
            target("s.ns.svc.cluster.local", 443), target("a.example", 0), target("b.example", 0));
    assertThat(tls.getTls().getServerName()).isEqualTo("x.example");
    assertThat(tls.getTls().getSubjectAltNamesList()).containsExactly("y.example", "spiffe://z");
    assertThat(tls.getTls().getRoots().getText().trim()).isEqualTo(PEM.trim());
  }

  private static BackendTlsTarget target(String host, int port) {
    return BackendTlsTarget.newBuilder().setNamespace("ns").setHostname(host).setPort(port).build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "good       | Accepted                | ResolvedRefs",
        "good,none  | Accepted                | no InvalidCACertificateRef",
        "none       | no NoValidCACertificate | no InvalidCACertificateRef",
        "empty      | no NoValidCACertificate | no InvalidCACertificateRef",
      })
  void roots_that_are_not_there_are_named_and_without_any_nothing_is_sent(
      String maps, String accepted, String resolved) throws Exception {
    fixture.with(document("p", 1, spec("s", maps(maps.split(",")))));

    BackendTlsResult.Ancestor said = result("p").ancestors().getFirst();
    assertThat(reason(said.accepted())).isEqualTo(accepted);
    assertThat(reason(said.resolvedRefs())).isEqualTo(resolved);
    assertThat(sent("p").hasInvalid()).isEqualTo(accepted.startsWith("no"));
    assertThat(sent("p").hasTls()).isEqualTo(!accepted.startsWith("no"));
  }

  @Test
  void a_root_of_another_kind_and_another_word_than_system_refuse() throws Exception {
    fixture.with(
        document(
            "kind", 1, spec("s", "caCertificateRefs: [{group: '', kind: Secret, name: good}]")),
        document("word", 1, spec("e", "wellKnownCACertificates: Mine")),
        document("system", 1, spec("s", "wellKnownCACertificates: System")));

    assertThat(reason(result("kind").ancestors().getFirst().resolvedRefs()))
        .isEqualTo("no InvalidKind");
    assertThat(sent("kind").hasInvalid()).isTrue();
    assertThat(reason(result("word").ancestors().getFirst().accepted()))
        .isEqualTo("no TargetNotFound");
  }

  @Test
  void the_roots_of_the_system_are_sent_as_none() throws Exception {
    fixture.with(
        document("p", 1, spec("s", "wellKnownCACertificates: System")),
        document("q", 2, spec("s", "wellKnownCACertificates: Mine")));

    assertThat(sent("p").getTls().hasRoots()).isFalse();
    assertThat(reason(result("q").ancestors().getFirst().accepted())).isEqualTo("no Conflicted");
  }

  @Test
  void the_content_of_a_config_map_is_followed_in_both_directions() throws Exception {
    fixture.with(document("p", 1, spec("s", maps("good"))));
    assertThat(sent("p").hasTls()).isTrue();

    fixture.with(map("good", ""));
    assertThat(sent("p").hasInvalid()).isTrue();
    assertThat(reason(result("p").ancestors().getFirst().accepted()))
        .isEqualTo("no NoValidCACertificate");

    fixture.with(map("good", PEM));
    assertThat(sent("p").hasTls()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{kind: Service, name: none}                      | there is no Service ns/none",
        "{kind: Service, name: s, sectionName: none}      | Service ns/s has no port named none",
        "{group: networking.istio.io, kind: ServiceEntry, name: none} | there is no ServiceEntry"
            + " ns/none"
      })
  void a_target_that_is_not_there_is_named(String target, String message) {
    fixture.with(
        document(
            "p",
            1,
            "targetRefs: ["
                + target
                + "], validation: {"
                + maps("good")
                + ", hostname: x.example}"));

    BackendTlsResult.Ancestor said = result("p").ancestors().getFirst();
    assertThat(said.accepted()).isEqualTo(new Verdict(false, "TargetNotFound", message));
    assertThat(said.resolvedRefs()).isNull();
    assertThat(result("p").byWaypoint()).isEmpty();
  }

  @Test
  void of_two_for_one_target_the_older_counts_and_a_port_of_its_own_is_no_conflict()
      throws Exception {
    fixture.with(
        document("young", 2, spec("s", maps("good"))),
        document("old", 1, spec("s", maps("good"))),
        document(
            "port",
            3,
            "targetRefs: [{kind: Service, name: s, sectionName: tls}], validation: {"
                + maps("good")
                + ", hostname: x.example}"));

    assertThat(result("young").ancestors().getFirst().accepted())
        .isEqualTo(new Verdict(false, "Conflicted", "Conflicts with BackendTLSPolicy ns/old"));
    assertThat(result("young").byWaypoint()).isEmpty();
    assertThat(sent("old").hasTls()).isTrue();
    assertThat(sent("port").hasTls()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "validation: {wellKnownCACertificates: System, hostname: x} | spec.targetRefs: found"
            + " nothing, accepted: at least one Service or ServiceEntry",
        "targetRefs: [{kind: Pod, name: s}], validation: {wellKnownCACertificates: System,"
            + " hostname: x} | spec.targetRefs[0].kind: found Pod, accepted: Service, or"
            + " ServiceEntry with group networking.istio.io",
        "targetRefs: [{kind: Service, name: s}], validation: {hostname: x} |"
            + " spec.validation.caCertificateRefs: found nothing, accepted: one of"
            + " caCertificateRefs, wellKnownCACertificates",
        "targetRefs: [{kind: Service, name: s}], validation: {wellKnownCACertificates: System} |"
            + " spec.validation.hostname: found nothing, accepted: a string (required)",
      })
  void a_mistake_refuses_the_object(String spec, String problem) {
    Decoded decoded =
        Decoder.decode(
            dev.kiri.controlplane.index.Objects.parse(document("p", 1, spec)).getFirst(),
            new Origin("p.yaml", 1));

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).contains(problem);
  }
}
