package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a VirtualService is said with the field, what stands there and what would be
/// accepted.
class VirtualServiceReaderTest {
  private static Decoded decode(String spec) {
    String document =
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace:"
            + " ns}, spec: {"
            + spec
            + "}}";
    return Decoder.decode(Objects.parse(document).getFirst(), new Origin("v.yaml", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hosts: [s] | spec.http: found nothing, accepted: rules under http, tls or tcp",
        "hosts: ['a b'], http: [{redirect: {uri: /}}] | spec.hosts[0]: found \"a b\", accepted: a"
            + " DNS name, *. and a DNS name, or * alone",
        "exportTo: ['!'], hosts: [s], http: [{redirect: {uri: /}}] | spec.exportTo: found \"!\","
            + " accepted: *, . or the name of a namespace",
        "hosts: [s], http: [{}] | spec.http[0].route: found nothing, accepted: one of delegate,"
            + " directResponse, redirect, route",
        "hosts: [s], http: [{redirect: {uri: /}, route: [{destination: {host: s}}]}] |"
            + " spec.http[0].route: found redirect and route, accepted: one of delegate,"
            + " directResponse, redirect, route",
        "hosts: [s], http: [{redirect: {redirectCode: 305}}] |"
            + " spec.http[0].redirect.redirectCode: found 305, accepted: one of 301, 302, 303, 307,"
            + " 308",
        "hosts: [s], http: [{match: [{uri: {exact: /a, prefix: /b}}], redirect: {uri: /}}] |"
            + " spec.http[0].match[0].uri.exact: found 2 conditions, accepted: one of exact,"
            + " prefix, regex",
        "hosts: [s], http: [{match: [{uri: {regex: '(?!a)'}}], redirect: {uri: /}}] |"
            + " spec.http[0].match[0].uri.regex: found \"(?!a)\" (invalid or unsupported Perl"
            + " syntax), accepted: a regular expression in RE2 syntax",
        "hosts: [s], http: [{match: [{headers: {':path': {exact: a}}}], redirect: {uri: /}}] |"
            + " spec.http[0].match[0].headers: found \":path\", accepted: the name of a header (use"
            + " uri, method, authority or scheme for those)",
        "hosts: [s], http: [{timeout: soon, redirect: {uri: /}}] | spec.http[0].timeout: found"
            + " \"soon\", accepted: a duration of at least 1ms such as 500ms, 10s, 1m30s",
        "hosts: [s], http: [{timeout: 10us, redirect: {uri: /}}] | spec.http[0].timeout: found"
            + " \"10us\", accepted: a duration of at least 1ms such as 500ms, 10s, 1m30s",
        "hosts: [s], http: [{fault: {abort: {percentage: {value: 1}}}, redirect: {uri: /}}] |"
            + " spec.http[0].fault.abort.httpStatus: found nothing, accepted: one of httpStatus,"
            + " grpcStatus",
        "hosts: [s], http: [{fault: {abort: {httpStatus: 500, percentage: {value: 101}}}, redirect:"
            + " {uri: /}}] | spec.http[0].fault.abort.percentage.value: found 101, accepted: a"
            + " number from 0.0 to 100.0",
        "hosts: [s], http: [{rewrite: {}, route: [{destination: {host: s}}]}] |"
            + " spec.http[0].rewrite.uri: found nothing, accepted: one of uri, authority,"
            + " uriRegexRewrite",
        "hosts: [s], http: [{directResponse: {body: {string: a}}}] |"
            + " spec.http[0].directResponse.status: found nothing, accepted: a status from 200 to"
            + " 599 (required)",
        "hosts: [s], http: [{directResponse: {status: 200, body: {bytes: '!'}}}] |"
            + " spec.http[0].directResponse.body.bytes: found \"!\", accepted: text in base64",
        "hosts: [s], http: [{route: [{destination: {host: s}, weight: 0}, {destination: {host: s},"
            + " weight: 0}]}] | spec.http[0].route: found weights that are all 0, accepted: a"
            + " weight above 0",
        "hosts: [s], http: [{route: [{destination: {host: 's!'}}]}] |"
            + " spec.http[0].route[0].destination.host: found \"s!\", accepted: a DNS name",
        "hosts: [s], http: [{headers: {request: {set: {'a b': c}}}, redirect: {uri: /}}] |"
            + " spec.http[0].headers.request.set: found \"a b\", accepted: the name of a header",
        "hosts: [s], http: [{headers: {response: {add: {Transfer-Encoding: c}}}, redirect: {uri:"
            + " /}}] | spec.http[0].headers.response.add: found \"Transfer-Encoding\", accepted: a"
            + " header that does not belong to the connection",
        "hosts: [s], http: [{headers: {request: {set: {a: '%NO%'}}}, redirect: {uri: /}}] |"
            + " spec.http[0].headers.request.set: found \"%NO%\", accepted: between percent signs"
            + " nothing, REQ(name), or one of DOWNSTREAM_REMOTE_ADDRESS,"
            + " DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT, DOWNSTREAM_REMOTE_PORT,"
            + " DOWNSTREAM_LOCAL_ADDRESS, DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,"
            + " DOWNSTREAM_LOCAL_PORT, DOWNSTREAM_PEER_URI_SAN, DOWNSTREAM_LOCAL_URI_SAN,"
            + " ROUTE_NAME, START_TIME",
        "hosts: [s.test], tls: [{match: [{sniHosts: [other.test]}], route: [{destination: {host:"
            + " s}}]}] | spec.tls[0].match[0].sniHosts: found \"other.test\", accepted: a name that"
            + " one of the hosts covers: s.test",
        "hosts: [s], tls: [{route: [{destination: {host: s}}]}] | spec.tls[0].match: found nothing,"
            + " accepted: a match with sniHosts",
        "hosts: [s], tcp: [{match: [{destinationSubnets: ['10.0']}], route: [{destination: {host:"
            + " s}}]}] | spec.tcp[0].match[0].destinationSubnets: found \"10.0\", accepted: an IP"
            + " address or a block such as 10.1.0.0/16",
        "hosts: [s], tcp: [{match: [{prot: 1}], route: [{destination: {host: s}}]}] |"
            + " spec.tcp[0].match[0].prot: found an unknown field, which would widen the match,"
            + " accepted: one of destinationSubnets, gateways, port, sniHosts, sourceLabels,"
            + " sourceNamespace",
        "http: [{delegate: {name: a}}] | spec.http: found a delegate in a VirtualService without"
            + " hosts, accepted: one level of delegation"
      })
  void a_mistake_refuses_the_object(String spec, String problem) {
    Decoded decoded = decode(spec);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "retries: {retryOn: '5xx,sometimes'} | spec.http[0].retries.retryOn",
        "timeoutt: 1s | spec.http[0].timeoutt",
        "match: [{statPrefix: a}] | spec.http[0].match[0].statPrefix",
        "match: [{uri: {suffix: a}}] | spec.http[0].match[0].uri.suffix"
      })
  void what_has_no_effect_is_warned_of(String rule, String field) {
    Decoded decoded =
        decode("hosts: [s], http: [{" + rule + ", route: [{destination: {host: s}}]}]");

    assertThat(decoded.problems()).extracting(Problem::field).contains(field);
  }

  @ParameterizedTest
  @CsvSource({"1.5s, 1500", "1h2m, 3720000", "250ms, 250", "0s, 0", "0.001s, 1"})
  void durations_have_gos_form(String text, long millis) {
    assertThat(GoDuration.parse(text)).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"''", "1", "1d", "-1s", "s", "1s2", "99999999999999999999h"})
  void anything_else_is_no_duration(String text) {
    assertThat(GoDuration.parse(text)).isEmpty();
  }
}
