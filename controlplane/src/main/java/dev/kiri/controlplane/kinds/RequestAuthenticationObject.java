package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.TargetRef;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A RequestAuthentication: which tokens are valid at the waypoints of its targets.
public record RequestAuthenticationObject(Meta meta, List<TargetRef> targets, List<JwtRule> rules)
    implements MeshObject {
  /// The tokens of one issuer.
  ///
  /// @param issuer empty for any
  /// @param jwks the keys themselves; empty where they are to be fetched
  /// @param jwksUri where the keys are; empty: where the issuer says they are
  /// @param payloadHeader empty for none
  /// @param timeout of fetching keys; null for the proxy's own
  public record JwtRule(
      String issuer,
      List<String> audiences,
      String jwks,
      String jwksUri,
      List<TokenHeader> fromHeaders,
      List<String> fromParams,
      List<String> fromCookies,
      boolean forward,
      String payloadHeader,
      List<ClaimHeader> claimHeaders,
      @Nullable Duration timeout,
      List<String> spaceDelimitedClaims) {}

  /// A header that holds a token, behind a prefix.
  public record TokenHeader(String name, String prefix) {}

  /// A header that a claim is sent on in.
  public record ClaimHeader(String header, String claim) {}

  @Override
  public Kind kind() {
    return Kind.REQUEST_AUTHENTICATION;
  }
}
