package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.TargetRef;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.ClaimHeader;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.JwtRule;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject.TokenHeader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Reads a RequestAuthentication (istio/api security/v1/request_authentication.proto). A field that
/// is not known is an error: without it a token might be accepted that the user did not mean.
/// Stateless.
final class RequestAuthenticationReader {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RequestAuthenticationReader() {}

  static RequestAuthenticationObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    List<TargetRef> targets =
        new ArrayList<>(spec.list("targetRefs", t -> AuthorizationPolicyReader.target(meta, t)));
    if (spec.has("targetRef")) {
      targets.add(AuthorizationPolicyReader.target(meta, spec.child("targetRef")));
    }
    spec.ignore("selector", "targetRef");
    if (IstioFields.selector(spec, "selector") != null && !targets.isEmpty()) {
      spec.error("selector", "selector and targetRefs", "one of the two");
    }
    List<JwtRule> rules = spec.list("jwtRules", RequestAuthenticationReader::rule);
    spec.doneStrictly();
    return new RequestAuthenticationObject(meta, List.copyOf(targets), rules);
  }

  private static JwtRule rule(Fields rule) {
    String issuer = rule.stringOr("issuer", "");
    String jwks = rule.stringOr("jwks", "");
    String uri = rule.stringOr("jwksUri", rule.stringOr("jwks_uri", ""));
    List<TokenHeader> headers =
        rule.list(
            "fromHeaders",
            each -> {
              TokenHeader read = new TokenHeader(header(each, "name"), each.stringOr("prefix", ""));
              each.doneStrictly();
              return read;
            });
    List<ClaimHeader> claims =
        rule.list(
            "outputClaimToHeaders",
            each -> {
              ClaimHeader read = new ClaimHeader(header(each, "header"), each.required("claim"));
              each.doneStrictly();
              return read;
            });
    if (!jwks.isEmpty() && !isKeySet(jwks)) {
      rule.error("jwks", Fields.show(jwks), "a JSON Web Key Set: {\"keys\": [...]}");
    }
    if (!uri.isEmpty() && !isHttp(uri)) {
      rule.error("jwksUri", Fields.show(uri), "a URL that begins with http:// or https://");
    }
    if (!jwks.isEmpty() && !uri.isEmpty()) {
      rule.warning("jwksUri", "jwks and jwksUri", "one of the two; jwks counts");
    }
    if (jwks.isEmpty() && uri.isEmpty() && !isHttp(issuer)) {
      rule.error(
          "jwksUri",
          "nothing",
          "jwksUri, jwks, or an issuer that is a URL and says where its keys are");
    }
    JwtRule read =
        new JwtRule(
            issuer,
            filled(rule, "audiences"),
            jwks,
            uri,
            headers,
            filled(rule, "fromParams"),
            filled(rule, "fromCookies"),
            rule.bool("forwardOriginalToken", false),
            rule.has("outputPayloadToHeader") ? header(rule, "outputPayloadToHeader") : "",
            claims,
            IstioFields.duration(rule, "timeout", false),
            filled(rule, "spaceDelimitedClaims"));
    rule.ignore("outputPayloadToHeader");
    rule.doneStrictly();
    return read;
  }

  private static String header(Fields fields, String name) {
    String value = fields.required(name);
    if (!value.isEmpty() && !HttpFilterReader.isHeaderName(value)) {
      fields.error(name, Fields.show(value), "letters, digits and !#$%&'*+-.^_`|~");
    }
    return value;
  }

  private static List<String> filled(Fields fields, String name) {
    List<String> values = fields.strings(name);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isEmpty()) {
        fields.error(name + "[" + i + "]", "\"\"", "a text that is not empty");
      }
    }
    return values;
  }

  private static boolean isHttp(String text) {
    try {
      URI uri = new URI(text);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isKeySet(String text) {
    try {
      return JSON.readValue(text, Object.class) instanceof Map<?, ?> set
          && set.get("keys") instanceof List<?> keys
          && keys.stream().allMatch(key -> key instanceof Map<?, ?>);
    } catch (JacksonException e) {
      return false;
    }
  }
}
