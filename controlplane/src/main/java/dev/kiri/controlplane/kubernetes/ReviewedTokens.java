package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.TokenCheck;
import dev.kiri.controlplane.caller.TokenVerdict;
import dev.kiri.controlplane.caller.TokenVerdict.Proven;
import dev.kiri.controlplane.caller.TokenVerdict.Worthless;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;

/// Has the API server review each token (controlplane.md 12.1): it must be of a service account and
/// for one of our audiences. A server that does not look at audiences proves nothing.
final class ReviewedTokens implements TokenCheck {
  private static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";
  private static final String EXTRA = "authentication.kubernetes.io/pod-";

  private final KubernetesApi api;
  private final Set<String> audiences;

  ReviewedTokens(KubernetesApi api, Set<String> audiences) {
    this.api = api;
    this.audiences = Set.copyOf(audiences);
  }

  @Override
  public TokenVerdict verify(String token) {
    if (token.isEmpty() || token.length() > MAX_LENGTH) {
      return new Worthless("the token has " + token.length() + " characters");
    }
    Map<String, Object> review;
    try {
      review =
          api.send(
              "POST",
              PATH,
              KubernetesApi.JSON,
              Map.of(
                  "apiVersion", "authentication.k8s.io/v1",
                  "kind", "TokenReview",
                  "spec", Map.of("token", token, "audiences", List.copyOf(audiences))));
    } catch (IOException e) {
      return new Worthless("the token could not be reviewed: " + e.getMessage());
    }
    return review.get("status") instanceof Map<?, ?> status
        ? verdict(status)
        : new Worthless("the review has no status");
  }

  private TokenVerdict verdict(Map<?, ?> status) {
    if (!Boolean.TRUE.equals(status.get("authenticated"))) {
      return new Worthless("not authenticated: " + status.get("error"));
    }
    if (KubernetesApi.list(status, "audiences").stream().noneMatch(audiences::contains)) {
      return new Worthless("the token is not for any of " + audiences);
    }
    Map<?, ?> user = status.get("user") instanceof Map<?, ?> given ? given : Map.of();
    Matcher subject = SUBJECT.matcher(String.valueOf(user.get("username")));
    if (!subject.matches()
        || !KubernetesApi.list(user, "groups").contains("system:serviceaccounts")) {
      return new Worthless("not a service account: " + user.get("username"));
    }
    return new Proven(
        new Caller(
            subject.group(1),
            subject.group(2),
            extra(user, "name"),
            extra(user, "uid"),
            Caller.Proof.TOKEN));
  }

  private static String extra(Map<?, ?> user, String what) {
    List<?> values =
        user.get("extra") instanceof Map<?, ?> extra
            ? KubernetesApi.list(extra, EXTRA + what)
            : List.of();
    return values.size() == 1 ? String.valueOf(values.getFirst()) : "";
  }
}
