package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.LoadBalancing;
import dev.kiri.waypoint.config.v1.LocalitySetting;
import dev.kiri.waypoint.config.v1.PemSource;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.TcpKeepAlive;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.config.v1.Warmup;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// DestinationRules on their way to waypoints, and what they say about themselves.
class DestinationRuleTest {
  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  @BeforeEach
  void mesh() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports:"
                + " [{name: http, port: 80}]}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns, labels: {app: s,"
                + " version: v1}}, spec: {}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: ns, labels: {app: s,"
                + " version: v2}}, spec: {}}");
  }

  private static String document(String namespace, String spec) {
    return "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: d, namespace: %s}, spec: {%s}}"
        .formatted(namespace, spec);
  }

  private VirtualServiceResult result(String namespace, String spec) {
    fixture.with(document(namespace, spec));
    return Objects.requireNonNull(config.destinationRules().rows().get(namespace + "/d"));
  }

  private DestinationRule sent(String spec) throws Exception {
    return Resource.parseFrom(result("ns", spec).byWaypoint().get("ns/w").bytes())
        .getDestinationRule();
  }

  private static TrafficPolicy policy(DestinationRule rule, String subset, int port) {
    return rule.getPoliciesList().stream()
        .filter(p -> p.getSubset().equals(subset) && p.getPort() == port)
        .map(EffectivePolicy::getPolicy)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void subsets_are_the_pods_with_their_labels() throws Exception {
    DestinationRule rule =
        sent("host: s, subsets: [{name: one, labels: {version: v1, app: s}}, {name: all}]");

    assertThat(rule.getTargets(0).getHostname()).isEqualTo("s.ns.svc.cluster.local");
    assertThat(rule.getSubsets(0).getWorkloadsList()).containsExactly("Kubernetes//Pod/ns/a");
    assertThat(rule.getSubsets(1).getAllWorkloads()).isTrue();
  }

  @Test
  void a_subset_says_more_than_the_top_and_a_port_inherits_nothing() throws Exception {
    DestinationRule rule =
        sent(
            "host: s, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, connectionPool: {http:"
                + " {http2MaxRequests: 5}}, portLevelSettings: [{port: {number: 80}, loadBalancer:"
                + " {simple: RANDOM}}]}, subsets: [{name: one, trafficPolicy: {connectionPool:"
                + " {http: {maxRequestsPerConnection: 1}}, portLevelSettings: [{port: {number: 81},"
                + " loadBalancer: {consistentHash: {httpHeaderName: x}}}]}}]");

    assertThat(policy(rule, "", 0).getBalancing().getSimple())
        .isEqualTo(LoadBalancing.Simple.ROUND_ROBIN);
    assertThat(policy(rule, "", 0).getMaxRequests()).isEqualTo(5);
    assertThat(policy(rule, "", 80).getMaxRequests()).isZero();
    TrafficPolicy one = policy(rule, "one", 0);
    assertThat(one.getBalancing().getSimple()).isEqualTo(LoadBalancing.Simple.ROUND_ROBIN);
    assertThat(one.getMaxRequests()).isZero();
    assertThat(one.getMaxRequestsPerConnection()).isEqualTo(1);
    assertThat(policy(rule, "one", 80).getBalancing().getSimple())
        .isEqualTo(LoadBalancing.Simple.RANDOM);
    assertThat(policy(rule, "one", 81).getBalancing().getHash().getHeader()).isEqualTo("x");
    assertThat(policy(rule, "one", 81).getMaxRequestsPerConnection()).isZero();
  }

  @Test
  void outlier_detection_has_upstreams_defaults() throws Exception {
    var outliers =
        policy(sent("host: s, trafficPolicy: {outlierDetection: {}}"), "", 0).getOutlierDetection();

    assertThat(outliers.getConsecutive5Xx()).isEqualTo(5);
    assertThat(outliers.getConsecutiveGateway()).isZero();
    assertThat(outliers.getInterval().getSeconds()).isEqualTo(10);
    assertThat(outliers.getBaseEjection().getSeconds()).isEqualTo(30);
    assertThat(outliers.getMaxPercent()).isEqualTo(10);
  }

  @Test
  void tls_is_sent_with_names_and_files_for_top_port_and_subset() throws Exception {
    DestinationRule rule =
        sent(
            "host: s, trafficPolicy: {tls: {mode: SIMPLE}, portLevelSettings: [{port: {number: 80},"
                + " tls: {mode: MUTUAL, sni: x.example, subjectAltNames: [y.example],"
                + " caCertificates: /ca, clientCertificate: /crt, privateKey: /key}}]}, subsets:"
                + " [{name: one, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}},"
                + " {name: two, trafficPolicy: {tls: {mode: DISABLE}}}]");

    assertThat(policy(rule, "", 0).getTls()).isEqualTo(EndpointTls.getDefaultInstance());
    assertThat(policy(rule, "", 80).getTls())
        .isEqualTo(
            EndpointTls.newBuilder()
                .setServerName("x.example")
                .addSubjectAltNames("y.example")
                .setRoots(file("/ca"))
                .setCertificate(file("/crt"))
                .setKey(file("/key"))
                .build());
    assertThat(policy(rule, "one", 0).getTls().getSkipVerification()).isTrue();
    assertThat(policy(rule, "one", 80).getTls().getSkipVerification()).isTrue();
    assertThat(policy(rule, "two", 0).hasTls()).isFalse();
  }

  private static PemSource file(String path) {
    return PemSource.newBuilder().setFile(path).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"DISABLE", "ISTIO_MUTUAL"})
  void tls_of_the_mesh_says_nothing(String mode) throws Exception {
    TrafficPolicy policy =
        policy(sent("host: s, trafficPolicy: {tls: {mode: %s}}".formatted(mode)), "", 0);

    assertThat(policy.hasTls()).isFalse();
    assertThat(policy.hasInvalid()).isFalse();
  }

  @Test
  void tls_by_a_credential_refuses_requests_instead_of_sending_them_in_clear_text()
      throws Exception {
    VirtualServiceResult result =
        result("ns", "host: s, trafficPolicy: {tls: {mode: SIMPLE, credentialName: c}}");

    var rule = Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getDestinationRule();
    assertThat(policy(rule, "", 0).hasInvalid()).isTrue();
    assertThat(Objects.requireNonNull(result.partiallyInvalid()).message())
        .contains("tls.credentialName");
  }

  @Test
  void connections_are_bounded_as_written() throws Exception {
    TrafficPolicy policy =
        policy(
            sent(
                "host: s, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1, connectTimeout:"
                    + " 2s, idleTimeout: 0s, maxConnectionDuration: 3s, tcpKeepalive: {probes: 4,"
                    + " time: 5s, interval: 6s}}, http: {http1MaxPendingRequests: 7,"
                    + " http2MaxRequests: 8, maxRequestsPerConnection: 9, maxRetries: 10,"
                    + " idleTimeout: 11s, maxConcurrentStreams: 12, h2UpgradePolicy: UPGRADE}}}"),
            "",
            0);

    assertThat(policy)
        .isEqualTo(
            TrafficPolicy.newBuilder()
                .setMaxConnections(1)
                .setConnectTimeout(seconds(2))
                .setTcpIdleTimeout(seconds(0))
                .setMaxConnectionDuration(seconds(3))
                .setKeepAlive(
                    TcpKeepAlive.newBuilder()
                        .setProbes(4)
                        .setTime(seconds(5))
                        .setInterval(seconds(6)))
                .setMaxPending(7)
                .setMaxRequests(8)
                .setMaxRequestsPerConnection(9)
                .setMaxRetries(10)
                .setIdleTimeout(seconds(11))
                .setMaxStreams(12)
                .setUpgrade(TrafficPolicy.Upgrade.TO_HTTP2)
                .build());
  }

  @ParameterizedTest
  @CsvSource({"'{}', V1", "'{version: V1}', V1", "'{version: V2}', V2"})
  void the_version_of_proxy_protocol_is_sent(String written, String version) throws Exception {
    TrafficPolicy policy =
        policy(
            sent(
                "host: s, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, proxyProtocol: "
                    + written
                    + "}, subsets: [{name: one, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]"),
            "one",
            0);

    assertThat(policy.getProxyProtocol().name()).isEqualTo(version);
    assertThat(policy.hasTls()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"'', 20, 3", "'percent: 12.5', 12.5, 3", "'minRetryConcurrency: 0', 20, 0"})
  void a_retry_budget_has_upstreams_defaults(String written, double percent, int minimum)
      throws Exception {
    TrafficPolicy policy =
        policy(sent("host: s, trafficPolicy: {retryBudget: {" + written + "}}"), "", 0);

    assertThat(policy.getRetryBudget().getPercent()).isEqualTo(percent);
    assertThat(policy.getRetryBudget().getMinimum()).isEqualTo(minimum);
  }

  private static Duration seconds(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  @Test
  void where_endpoints_run_and_since_when_is_sent_as_written() throws Exception {
    LoadBalancing balancing =
        policy(
                sent(
                    "host: s, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN,"
                        + " localityLbSetting: {distribute: [{from: a/b/*, to: {a/b: 80, 'c/*':"
                        + " 20}}]}, warmup: {duration: 30s, aggression: 2}}, portLevelSettings:"
                        + " [{port: {number: 80}, loadBalancer: {localityLbSetting: {failover:"
                        + " [{from: a, to: b}], failoverPriority: [topology.istio.io/network,"
                        + " topology.kubernetes.io/zone]}, warmupDurationSecs: 10s}}, {port:"
                        + " {number: 81}, loadBalancer: {localityLbSetting: {enabled: false}}}]}"),
                "",
                0)
            .getBalancing();

    assertThat(balancing.getLocality())
        .isEqualTo(
            LocalitySetting.newBuilder()
                .addDistribute(
                    LocalitySetting.Distribution.newBuilder()
                        .setFrom("a/b/*")
                        .addShares(LocalitySetting.Share.newBuilder().setTo("a/b").setWeight(80))
                        .addShares(LocalitySetting.Share.newBuilder().setTo("c/*").setWeight(20)))
                .build());
    assertThat(balancing.getWarmup())
        .isEqualTo(
            Warmup.newBuilder()
                .setWindow(seconds(30))
                .setMinimumPercent(10)
                .setAggression(2)
                .build());
    DestinationRule rule =
        Resource.parseFrom(
                Objects.requireNonNull(config.destinationRules().rows().get("ns/d"))
                    .byWaypoint()
                    .get("ns/w")
                    .bytes())
            .getDestinationRule();
    LoadBalancing port = policy(rule, "", 80).getBalancing();
    assertThat(port.getLocality())
        .isEqualTo(
            LocalitySetting.newBuilder()
                .putFailover("a", "b")
                .addPriorities(LocalitySetting.Scope.NETWORK)
                .addPriorities(LocalitySetting.Scope.ZONE)
                .build());
    assertThat(port.getWarmup().getMinimumPercent()).isEqualTo(10);
    assertThat(policy(rule, "", 81).getBalancing().getLocality().getOff()).isTrue();
  }

  @Test
  void what_is_not_honoured_is_named() {
    VirtualServiceResult result =
        result(
            "ns",
            "host: s, trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 1s}}},"
                + " loadBalancer: {localityLbSetting: {failoverPriority:"
                + " [topology.kubernetes.io/region, tier, kubernetes.io/hostname]}}}");

    assertThat(result.accepted()).isEqualTo(new Verdict(true, "Accepted", "bound to ns/w"));
    assertThat(Objects.requireNonNull(result.partiallyInvalid()).message())
        .isEqualTo(
            "not honoured: spec.trafficPolicy.loadBalancer.localityLbSetting.failoverPriority from"
                + " tier on;"
                + " spec.trafficPolicy.connectionPool.http.http2KeepAlive");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ns           | host: s                                 | true  | bound to ns/w",
        "istio-system | host: s.ns.svc.cluster.local            | true  | bound to ns/w",
        "other        | host: s.ns.svc.cluster.local            | false | no waypoint leads to the"
            + " host and sees this namespace",
        "ns           | host: none                              | false | no service has the host"
            + " none.ns.svc.cluster.local",
        "istio-system | 'host: s.ns.svc.cluster.local, exportTo: [.]' | false | no waypoint leads"
            + " to the host and sees this namespace"
      })
  void it_counts_in_the_services_the_waypoints_and_the_root_namespace(
      String namespace, String spec, boolean accepted, String message) {
    Verdict verdict = result(namespace, spec).accepted();

    assertThat(verdict.holds()).isEqualTo(accepted);
    assertThat(verdict.message()).isEqualTo(message);
  }

  @Test
  void a_destination_with_a_subset_nobody_has_defined_is_named() throws Exception {
    fixture.with(
        document("ns", "host: s, subsets: [{name: one}]"),
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace:"
            + " ns}, spec: {hosts: [s], http: [{route: [{destination: {host: s, subset: one},"
            + " weight: 1}, {destination: {host: s, subset: two}, weight: 1}]}]}}");

    VirtualServiceResult result = config.virtualServices().rows().get("ns/v");
    var rule =
        Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getVirtualService().getHttp(0);
    assertThat(rule.getBackends(0).getService().getSubset()).isEqualTo("one");
    assertThat(rule.getBackends(1).getInvalid().getMessage())
        .isEqualTo("no DestinationRule has the subset two of s.ns.svc.cluster.local");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "subsets: [] | spec.host: found nothing, accepted: a string (required)",
        "host: s, trafficPolicy: {loadBalancer: {simple: BEST}} |"
            + " spec.trafficPolicy.loadBalancer.simple: found \"BEST\", accepted: one of"
            + " LEAST_CONN, LEAST_REQUEST, PASSTHROUGH, RANDOM, ROUND_ROBIN, UNSPECIFIED",
        "host: s, trafficPolicy: {loadBalancer: {consistentHash: {}}} |"
            + " spec.trafficPolicy.loadBalancer.consistentHash.httpHeaderName: found nothing,"
            + " accepted: one of httpCookie, httpHeaderName, httpQueryParameterName, useSourceIp",
        "host: s, subsets: [{name: a}, {name: a}] | spec.subsets: found one name twice, accepted:"
            + " names that differ",
        "host: s, trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}} |"
            + " spec.trafficPolicy.outlierDetection.maxEjectionPercent: found 101, accepted: a"
            + " whole number from 0 to 100",
        "host: s, trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /crt}} |"
            + " spec.trafficPolicy.tls.privateKey: found nothing, accepted: a string (required)",
        "host: s, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, caCertificates: /ca}} |"
            + " spec.trafficPolicy.tls.mode: found ISTIO_MUTUAL with certificates, accepted:"
            + " MUTUAL, or no certificates",
        "host: s, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca, credentialName: c}} |"
            + " spec.trafficPolicy.tls.credentialName: found a name beside files, accepted: one of"
            + " the two",
        "host: s, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b:"
            + " 50}}]}}} | spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to:"
            + " found shares that are 50 together, accepted: shares that are 100 together",
        "host: s, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a, to:"
            + " a}]}}} | spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0].to: found"
            + " \"a\", accepted: another region than from",
        "host: s, trafficPolicy: {loadBalancer: {warmup: {aggression: 2}}} |"
            + " spec.trafficPolicy.loadBalancer.warmup.duration: found nothing, accepted: a string"
            + " (required)",
        "host: s, trafficPolicy: {connectionPool: {tcp: {connectTimeout: soon}}} |"
            + " spec.trafficPolicy.connectionPool.tcp.connectTimeout: found \"soon\", accepted: a"
            + " duration of at least 1ms such as 500ms, 10s, 1m30s"
      })
  void a_mistake_refuses_the_object(String spec, String problem) {
    Decoded decoded =
        Decoder.decode(
            dev.kiri.controlplane.index.Objects.parse(document("ns", spec)).getFirst(),
            new Origin("d.yaml", 1));

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).contains(problem);
  }
}
