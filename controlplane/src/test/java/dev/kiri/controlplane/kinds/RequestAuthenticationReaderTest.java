package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.ClaimHeader;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.JwtRule;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.TokenHeader;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a RequestAuthentication says, and what is wrong with one.
class RequestAuthenticationReaderTest {
  private static String document(String spec) {
    return "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: r,"
        + " namespace: ns}, spec: {"
        + spec
        + "}}";
  }

  private static Decoded decode(String spec) {
    return Decoder.decode(Objects.parse(document(spec)).getFirst(), new Origin("r.yaml", 1));
  }

  @Test
  void every_field_of_a_rule_is_read() {
    RequestAuthenticationObject read =
        Objects.object(
            RequestAuthenticationObject.class,
            document(
                """
                targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: w}],
                jwtRules: [{issuer: 'https://i.example', audiences: [a, b],
                  jwksUri: 'https://i.example/keys', fromHeaders: [{name: x-t, prefix: 'T '}],
                  fromParams: [p], fromCookies: [c], forwardOriginalToken: true,
                  outputPayloadToHeader: x-payload,
                  outputClaimToHeaders: [{header: x-sub, claim: a.sub}], timeout: 2s,
                  spaceDelimitedClaims: [roles]}]\
                """));

    assertThat(read.targets().getFirst().text())
        .isEqualTo("Gateway.gateway.networking.k8s.io:ns/w");
    assertThat(read.rules())
        .containsExactly(
            new JwtRule(
                "https://i.example",
                List.of("a", "b"),
                "",
                "https://i.example/keys",
                List.of(new TokenHeader("x-t", "T ")),
                List.of("p"),
                List.of("c"),
                true,
                "x-payload",
                List.of(new ClaimHeader("x-sub", "a.sub")),
                Duration.ofSeconds(2),
                List.of("roles")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "jwtRules: [{}] | spec.jwtRules[0].jwksUri: found nothing, accepted: jwksUri, jwks, or an"
            + " issuer that is a URL and says where its keys are",
        "jwtRules: [{issuer: me}] | spec.jwtRules[0].jwksUri: found nothing, accepted: jwksUri,"
            + " jwks, or an issuer that is a URL and says where its keys are",
        "jwtRules: [{jwksUri: 'file:///etc/passwd'}] | spec.jwtRules[0].jwksUri: found"
            + " \"file:///etc/passwd\", accepted: a URL that begins with http:// or https://",
        "jwtRules: [{jwks: '{}'}] | spec.jwtRules[0].jwks: found \"{}\", accepted: a JSON Web Key"
            + " Set: {\"keys\": [...]}",
        "jwtRules: [{jwks: nonsense}] | spec.jwtRules[0].jwks: found \"nonsense\", accepted: a"
            + " JSON Web Key Set: {\"keys\": [...]}",
        "jwtRules: [{jwks: '{\"keys\": [1]}'}] | spec.jwtRules[0].jwks: found \"{\"keys\": [1]}\","
            + " accepted: a JSON Web Key Set: {\"keys\": [...]}",
        "jwtRules: [{issuer: 'http://i', fromHeaders: [{prefix: x}]}] |"
            + " spec.jwtRules[0].fromHeaders[0].name: found nothing, accepted: a string"
            + " (required)",
        "jwtRules: [{issuer: 'http://i', audiences: ['']}] | spec.jwtRules[0].audiences[0]: found"
            + " \"\", accepted: a text that is not empty",
        "jwtRules: [{issuer: 'http://i', outputPayloadToHeader: 'a b'}] |"
            + " spec.jwtRules[0].outputPayloadToHeader: found \"a b\", accepted: letters, digits"
            + " and !#$%&'*+-.^_`",
        "jwtRules: [{issuer: 'http://i', outputClaimToHeaders: [{header: x}]}] |"
            + " spec.jwtRules[0].outputClaimToHeaders[0].claim: found nothing, accepted: a string"
            + " (required)",
        "jwtRules: [{issuer: 'http://i', timeout: 1}] | spec.jwtRules[0].timeout: found 1,"
            + " accepted: a string (put it in quotes)",
        "jwtRules: [{issuer: 'http://i', audience: [x]}] | spec.jwtRules[0].audience: found an"
            + " unknown field, accepted: one of audiences, forwardOriginalToken, fromCookies,"
            + " fromHeaders, fromParams, issuer, jwks, jwksUri, jwks_uri, outputClaimToHeaders,"
            + " outputPayloadToHeader, spaceDelimitedClaims, timeout",
        "rules: [] | spec.rules: found an unknown field, accepted: one of jwtRules, selector,"
            + " targetRef, targetRefs",
        "selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: s}] | spec.selector:"
            + " found selector and targetRefs, accepted: one of the two",
        "targetRefs: [{kind: Service, name: s, namespace: other}] | spec.targetRefs[0].namespace:"
            + " found \"other\", accepted: the policy's own namespace, or nothing"
      })
  void a_mistake_refuses_the_object(String spec, String wanted) {
    Decoded decoded = decode(spec);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems())
        .singleElement()
        .extracting(Problem::text)
        .asString()
        .startsWith(wanted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "jwtRules: [{issuer: 'https://i.example'}]",
        "jwtRules: [{issuer: me, jwks: '{\"keys\": []}'}]",
        "selector: {matchLabels: {a: b}}"
      })
  void what_upstream_takes_is_taken(String spec) {
    assertThat(decode(spec).problems()).isEmpty();
  }
}
