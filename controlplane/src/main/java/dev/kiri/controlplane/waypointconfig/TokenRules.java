package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.RequestAuthenticationObject;
import dev.kiri.waypoint.config.v1.ClaimToHeader;
import dev.kiri.waypoint.config.v1.JwtRule;
import dev.kiri.waypoint.config.v1.RequestAuthentication;
import dev.kiri.waypoint.config.v1.TokenHeader;

/// The rules of a RequestAuthentication in the waypoint's schema. Keys are not fetched here: the
/// waypoint does. Pure.
final class TokenRules {
  private TokenRules() {}

  static RequestAuthentication.Builder convert(RequestAuthenticationObject policy) {
    RequestAuthentication.Builder out = RequestAuthentication.newBuilder();
    policy.rules().forEach(rule -> out.addRules(rule(rule)));
    return out;
  }

  private static JwtRule rule(RequestAuthenticationObject.JwtRule rule) {
    JwtRule.Builder out =
        JwtRule.newBuilder()
            .setIssuer(rule.issuer())
            .addAllAudiences(rule.audiences())
            .addAllFromParams(rule.fromParams())
            .addAllFromCookies(rule.fromCookies())
            .setForwardOriginalToken(rule.forward())
            .setOutputPayloadToHeader(rule.payloadHeader())
            .addAllSpaceDelimitedClaims(rule.spaceDelimitedClaims());
    if (!rule.jwks().isEmpty()) {
      out.setJwks(rule.jwks());
    } else if (!rule.jwksUri().isEmpty()) {
      out.setJwksUri(rule.jwksUri());
    }
    rule.fromHeaders()
        .forEach(
            from ->
                out.addFromHeaders(
                    TokenHeader.newBuilder().setName(from.name()).setPrefix(from.prefix())));
    rule.claimHeaders()
        .forEach(
            to ->
                out.addOutputClaimToHeaders(
                    ClaimToHeader.newBuilder().setHeader(to.header()).setClaim(to.claim())));
    if (rule.timeout() != null) {
      out.setTimeout(RouteConversion.duration(rule.timeout()));
    }
    return out.build();
  }
}
