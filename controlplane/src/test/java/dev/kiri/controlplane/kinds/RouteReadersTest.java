package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is wrong with a route of the Gateway API is said with the field, what stands there and what
/// would be accepted, as an API server would have refused it (gateway-api 15).
class RouteReadersTest {
  private static final String BACKENDS = ", backendRefs: [{name: s, port: 80}]";

  private static Decoded decode(String kind, String spec) {
    String document =
        "{apiVersion: gateway.networking.k8s.io/v1, kind: "
            + kind
            + ", metadata: {name: r, namespace: ns}, spec: {parentRefs: [{group: '', kind: Service,"
            + " name: s}], "
            + spec
            + "}}";
    return Decoder.decode(Objects.parse(document).getFirst(), new Origin("r.yaml", 1));
  }

  private static void refused(String kind, String spec, String problem) {
    Decoded decoded = decode(kind, spec);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "matches: [{path: {value: a}}] | matches[0].path.value: found \"a\", accepted: a path that"
            + " begins with / and has no //, /./, /../, %2F or #",
        "matches: [{path: {value: /a//b}}] | matches[0].path.value: found \"/a//b\", accepted: a"
            + " path that begins with / and has no //, /./, /../, %2F or #",
        "matches: [{path: {type: Glob, value: /}}] | matches[0].path.type: found \"Glob\","
            + " accepted: one of Exact, PathPrefix, RegularExpression",
        "matches: [{path: {type: RegularExpression, value: '(a'}}] | matches[0].path.value: found"
            + " \"(a\" (missing closing )), accepted: a regular expression in RE2 syntax",
        "matches: [{path: {type: RegularExpression, value: 'a(?=b)'}}] | matches[0].path.value:"
            + " found \"a(?=b)\" (invalid or unsupported Perl syntax), accepted: a regular"
            + " expression in RE2 syntax",
        "matches: [{headers: [{name: a, type: RegularExpression, value: '*'}]}] |"
            + " matches[0].headers[0].value: found \"*\" (missing argument to repetition operator),"
            + " accepted: a regular expression in RE2 syntax",
        "matches: [{method: get}] | matches[0].method: found \"get\", accepted: one of CONNECT,"
            + " DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE",
        "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: 'a b', value:"
            + " c}]}}] | filters[0].requestHeaderModifier.set[0].name: found \"a b\", accepted: the"
            + " name of a header",
        "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name:"
            + " Content-Length, value: '3'}]}}] | filters[0].requestHeaderModifier.add[0].name:"
            + " found \"Content-Length\", accepted: a header that does not belong to the"
            + " connection",
        "filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch,"
            + " replacePrefixMatch: /a}}}], matches: [{path: {value: /b}}, {path: {value: /c}}] |"
            + " filters: found ReplacePrefixMatch, accepted: a rule with exactly one match, of path"
            + " type PathPrefix",
        "filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath:"
            + " '/a b'}}}] | filters[0].urlRewrite.path.replaceFullPath: found \"/a b\", accepted:"
            + " a path without spaces and control characters",
        "filters: [{type: URLRewrite, urlRewrite: {hostname: a.b}}, {type: URLRewrite, urlRewrite:"
            + " {hostname: c.d}}] | filters: found more than one URLRewrite, accepted: one of a"
            + " type (only RequestMirror may repeat)",
        "filters: [{type: RequestMirror, requestMirror: {percent: 5, fraction: {numerator: 1},"
            + " backendRef: {name: s, port: 80}}}] | filters[0].requestMirror.percent: found"
            + " percent and fraction, accepted: one of the two",
        "timeouts: {request: 1s, backendRequest: 2s} | timeouts.backendRequest: found \"2s\","
            + " accepted: at most the value of request",
        "timeouts: {request: 1.5s} | timeouts.request: found \"1.5s\", accepted: a duration such as"
            + " 500ms, 10s, 1m30s (GEP-2257)",
        "retry: {codes: [200]} | retry.codes: found 200, accepted: status codes from 400 to 599",
        "sessionPersistence: {idleTimeout: 500ms} | sessionPersistence.idleTimeout: found"
            + " \"500ms\", accepted: a second or more",
        "sessionPersistence: {cookieConfig: {lifetimeType: Permanent}} |"
            + " sessionPersistence.absoluteTimeout: found nothing, accepted: a duration (required"
            + " for a permanent cookie)"
      })
  void a_mistake_in_a_rule_refuses_the_route(String rule, String problem) {
    refused("HTTPRoute", "rules: [{" + rule + BACKENDS + "}]", "spec.rules[0]." + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "HTTPRoute | rules: [] | spec.rules: found 0 entries, accepted: 1 to 16",
        "HTTPRoute | rules: [{backendRefs: [{name: s}]}] | spec.rules[0].backendRefs[0].port: found"
            + " nothing, accepted: a service port (required for a Service)",
        "HTTPRoute | rules: [{backendRefs: [{name: s, port: 80, weight: -1}]}] |"
            + " spec.rules[0].backendRefs[0].weight: found -1, accepted: a whole number from 0 to"
            + " 1000000",
        "HTTPRoute | rules: [{name: a, backendRefs: [{name: s, port: 80}]}, {name: a}] |"
            + " spec.rules: found two rules named \"a\", accepted: names that differ",
        "HTTPRoute | rules: [{filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs:"
            + " [{name: s, port: 80}]}] | spec.rules[0].backendRefs: found backends beside a"
            + " RequestRedirect, accepted: no backendRefs in a rule that redirects",
        "GRPCRoute | rules: [{matches: [{method: {}}]}] | spec.rules[0].matches[0].method.service:"
            + " found nothing, accepted: a service or a method (one is required)",
        "GRPCRoute | rules: [{matches: [{method: {service: 'a b'}}]}] |"
            + " spec.rules[0].matches[0].method.service: found \"a b\", accepted: the name of a"
            + " gRPC service",
        "TCPRoute | rules: [{backendRefs: [{name: s, port: 80}]}, {backendRefs: [{name: s, port:"
            + " 80}]}] | spec.rules: found 2 entries, accepted: exactly one rule",
        "TCPRoute | rules: [{}] | spec.rules[0].backendRefs: found 0 entries, accepted: 1 to 16"
            + " backends",
        "TLSRoute | rules: [{backendRefs: [{name: s, port: 80}]}] | spec.hostnames: found nothing,"
            + " accepted: 1 to 1024 server names",
        "TLSRoute | hostnames: [10.0.0.1], rules: [{backendRefs: [{name: s, port: 80}]}] |"
            + " spec.hostnames: found \"10.0.0.1\", accepted: a host name, perhaps with *. before"
            + " it"
      })
  void a_mistake_refuses_the_route(String kind, String spec, String problem) {
    refused(kind, spec, problem);
  }

  @Test
  void ten_thousand_rules_are_refused_by_their_number() {
    refused(
        "HTTPRoute",
        "rules: [" + String.join(", ", Collections.nCopies(10_000, "{}")) + "]",
        "spec.rules: found 10000 entries, accepted: 1 to 16");
  }

  @Test
  void so_are_too_many_matches() {
    String matches = String.join(", ", Collections.nCopies(65, "{path: {value: /a}}"));
    refused(
        "HTTPRoute",
        "rules: [{matches: [" + matches + "]}]",
        "spec.rules[0].matches: found 65 entries, accepted: at most 64");
    String half = String.join(", ", Collections.nCopies(50, "{path: {value: /a}}"));
    refused(
        "HTTPRoute",
        "rules: [{matches: [" + half + "]}, {matches: [" + half + "]}, {matches: [" + half + "]}]",
        "spec.rules: found 150 matches, accepted: at most 128 of a route");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "matches: [{colour: red}]",
        "matches: [{path: {value: /, invert: true}}]",
        "matches: [{headers: [{name: a, value: b, invert: true}]}]"
      })
  void an_unknown_field_of_a_match_costs_the_rule_its_effect_and_not_the_route(String rule) {
    Decoded decoded = decode("HTTPRoute", "rules: [{" + rule + BACKENDS + "}]");

    assertThat(decoded).isInstanceOf(Decoded.Accepted.class);
    RouteObject route = (RouteObject) ((Decoded.Accepted) decoded).object();
    assertThat(route.rules().getFirst().problem()).startsWith("unknown match field spec.rules[0]");
  }
}
