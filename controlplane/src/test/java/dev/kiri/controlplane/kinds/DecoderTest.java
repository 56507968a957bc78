package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every mistake has one message: file, document, field, found, accepted.
class DecoderTest {
  private static Decoded decode(String text) {
    return Decoder.decode(Objects.parse(text).getFirst(), new Origin("shop.yaml", 3));
  }

  private static List<String> texts(Decoded decoded) {
    return decoded.problems().stream().map(Problem::text).toList();
  }

  @Test
  void a_message_names_file_document_object_field_found_and_accepted() {
    Decoded decoded =
        decode(
            "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports:"
                + " [{port: http}]}}");

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems().getFirst().message())
        .isEqualTo(
            "error: shop.yaml document 3 (Service shop/web): spec.ports[0].port: found \"http\","
                + " accepted: a whole number from 1 to 65535");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{kind: Pod, metadata: {name: a}} | apiVersion: found nothing, accepted: a string"
            + " (required)",
        "{apiVersion: v1, kind: Pod, metadata: {}} | metadata.name: found nothing, accepted: a"
            + " string (required)",
        "{apiVersion: v1, kind: Pod, metadata: {name: Web}} | metadata.name: found \"Web\","
            + " accepted: lower case letters, digits, - and . (a DNS name of at most 253"
            + " characters)",
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {x: true}}} |"
            + " metadata.labels.x: found true, accepted: a string (put it in quotes)",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: 10.0.0}} |"
            + " spec.clusterIPs: found \"10.0.0\", accepted: an IP address or None",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: Cluster}} | spec.type:"
            + " found \"Cluster\", accepted: one of ClusterIP, ExternalName, LoadBalancer,"
            + " NodePort",
        "{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: a}} | kind:"
            + " found networking.istio.io/EnvoyFilter, which cannot be honoured, accepted: nothing:"
            + " Kiri has no Envoy to patch",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
            + " {rules: [{matches: [{path: {value: a}}]}]}} | spec.rules[0].matches[0].path.value:"
            + " found \"a\", accepted: a path that begins with / and has no //, /./, /../, %2F or"
            + " #",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
            + " {rules: [{matches: [{path: {type: RegularExpression, value: '('}}]}]}} |"
            + " spec.rules[0].matches[0].path.value: found \"(\" (missing closing )), accepted: a"
            + " regular expression in RE2 syntax",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
            + " {rules: [{timeouts: {request: 1.5h}}]}} | spec.rules[0].timeouts.request: found"
            + " \"1.5h\", accepted: a duration such as 500ms, 10s, 1m30s (GEP-2257)",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
            + " {rules: [{backendRefs: [{name: b}]}]}} | spec.rules[0].backendRefs[0].port: found"
            + " nothing, accepted: a service port (required for a Service)",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
            + " {rules: [{filters: [{type: Sing}]}]}} | spec.rules[0].filters[0].type: found"
            + " \"Sing\", accepted: one of CORS, ExtensionRef, ExternalAuth, RequestHeaderModifier,"
            + " RequestMirror, RequestRedirect, ResponseHeaderModifier, URLRewrite",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a}, spec:"
            + " {rules: [{matches: [{method: {}}]}]}} | spec.rules[0].matches[0].method.service:"
            + " found nothing, accepted: a service or a method (one is required)",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a}, spec:"
            + " {rules: [{matches: [{method: {service: a/b}}]}]}} |"
            + " spec.rules[0].matches[0].method.service: found \"a/b\", accepted: the name of a"
            + " gRPC service",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a}, spec:"
            + " {rules: [{filters: [{type: CORS, cors: {}}]}]}} | spec.rules[0].filters[0].type:"
            + " found a filter of HTTPRoutes, accepted: one of ExtensionRef, RequestHeaderModifier,"
            + " RequestMirror, ResponseHeaderModifier",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: TCPRoute, metadata: {name: a}, spec:"
            + " {rules: []}} | spec.rules: found 0 entries, accepted: exactly one rule",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: TCPRoute, metadata: {name: a}, spec:"
            + " {rules: [{}]}} | spec.rules[0].backendRefs: found 0 entries, accepted: 1 to 16"
            + " backends",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: a}, spec:"
            + " {rules: [{backendRefs: [{name: b, port: 1}]}]}} | spec.hostnames: found nothing,"
            + " accepted: 1 to 1024 server names",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: a}, spec:"
            + " {hostnames: [10.0.0.1], rules: []}} | spec.hostnames: found \"10.0.0.1\", accepted:"
            + " a host name, perhaps with *. before it",
        "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a}, spec:"
            + " {mtls: {mode: TIGHT}}} | spec.mtls.mode: found \"TIGHT\", accepted: one of DISABLE,"
            + " PERMISSIVE, STRICT, UNSET",
      })
  void a_wrong_document_is_refused(String document, String message) {
    Decoded decoded = decode(document);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(texts(decoded)).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selectors: {a: b}}} |"
            + " spec.selectors: found an unknown field",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {nodename: x}} | spec.nodename:"
            + " found an unknown field",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec:"
            + " {gatewayClassName: c, listener: []}} | spec.listener: found an unknown field",
        "{apiVersion: example.com/v1, kind: Ship, metadata: {name: a}} | kind: found example.com/v1"
            + " Ship, which is not known and has no effect",
        "{apiVersion: v1, kind: Pot, metadata: {name: a}} | kind: found v1 Pot, which is not known"
            + " and has no effect",
      })
  void an_unknown_field_or_kind_is_a_warning(String document, String beginning) {
    Decoded decoded = decode(document);

    assertThat(decoded).isNotInstanceOf(Decoded.Refused.class);
    assertThat(texts(decoded)).anySatisfy(text -> assertThat(text).startsWith(beginning));
  }

  @Test
  void objects_of_others_are_left_aside_without_a_word() {
    assertThat(decode("{apiVersion: batch/v1, kind: Job, metadata: {name: a}}").problems())
        .isEmpty();
    assertThat(decode("{apiVersion: v1, kind: Secret, metadata: {name: a}}").problems()).isEmpty();
  }

  @Test
  void a_route_with_an_unknown_match_field_keeps_the_rule_but_marks_it() {
    Decoded decoded =
        decode(
            "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec:"
                + " {rules: [{matches: [{cookies: []}]}]}}");

    RouteObject route = (RouteObject) ((Decoded.Accepted) decoded).object();
    assertThat(route.rules().getFirst().problem())
        .isEqualTo("unknown match field spec.rules[0].matches[0].cookies");
  }

  @ParameterizedTest
  @CsvSource({
    "0h, 0",
    "10s30m1h, 5410000",
    "100ms200ms300ms, 600",
    "2h30m, 9000000",
    "1d, ",
    "1h30m10s20ms50h, ",
    "1.5h, ",
    "999999h, ",
    "-15m, ",
    "1, "
  })
  void durations_have_the_form_of_gep_2257(String text, Long millis) {
    assertThat(GatewayDuration.parse(text).map(d -> d.toMillis()).orElse(null)).isEqualTo(millis);
  }
}
