package dev.kiri.local.pod;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.kiri.local.store.KubeObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Signs service-account tokens as an API server projects them (bound to pod and node), ES256, with
/// a key that is made when the mesh starts and never leaves this process. Thread-safe.
public final class Tokens {
  public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private final ECKey key;
  private final Clock clock;

  public Tokens(Clock clock) {
    this.clock = clock;
    try {
      this.key =
          new ECKeyGenerator(Curve.P_256)
              .keyID("kiri-local")
              .algorithm(JWSAlgorithm.ES256)
              .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("making the token key", e);
    }
  }

  /// The time that tokens are signed at.
  Instant now() {
    return clock.instant();
  }

  /// What a verifier needs: a JWKS document with the public key.
  public String jwks() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  /// A token for the pod's service account.
  ///
  /// @param accountUid uid of the ServiceAccount object
  public String sign(KubeObject pod, String accountUid, List<String> audiences, Duration lifetime) {
    var account = pod.textOr("default", "spec", "serviceAccountName");
    var now = clock.instant();
    var kubernetes =
        Map.<String, Object>of(
            "namespace", pod.namespace(),
            "serviceaccount", Map.of("name", account, "uid", accountUid),
            "pod", Map.of("name", pod.name(), "uid", pod.uid()),
            "node", Map.of("name", pod.text("spec", "nodeName")));
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject("system:serviceaccount:" + pod.namespace() + ":" + account)
            .audience(audiences)
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(lifetime)))
            .jwtID(UUID.randomUUID().toString())
            .claim("kubernetes.io", kubernetes)
            .build();
    try {
      var header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build();
      var token = new SignedJWT(header, claims);
      token.sign(new ECDSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("signing a token for " + pod.key(), e);
    }
  }
}
