package dev.kiri.controlplane.caller;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.kiri.controlplane.caller.TokenVerdict.Proven;
import dev.kiri.controlplane.caller.TokenVerdict.Worthless;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// Verifies service account tokens by a key set in a file, which is read again when it changes.
/// Signature, issuer, audience, expiry and subject must be right. Thread-safe.
public final class KeySetTokens implements TokenCheck {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256);

  private final Path keys;
  private final String issuer;
  private final Set<String> audiences;
  private volatile @Nullable Loaded loaded;

  private record Loaded(FileTime at, DefaultJWTProcessor<SecurityContext> processor) {}

  /// A verifier of tokens of `issuer` for any of the audiences.
  public KeySetTokens(Path keys, String issuer, Set<String> audiences) {
    this.keys = keys;
    this.issuer = issuer;
    this.audiences = Set.copyOf(audiences);
  }

  /// Reads the key file where it has changed.
  @Override
  public TokenVerdict verify(String token) {
    if (token.isEmpty() || token.length() > TokenCheck.MAX_LENGTH) {
      return new Worthless("the token has " + token.length() + " characters");
    }
    JWTClaimsSet claims;
    try {
      claims = processor().process(token, null);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      return new Worthless(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Worthless("the key set " + keys + " cannot be read: " + e.getMessage());
    }
    Matcher subject = TokenCheck.SUBJECT.matcher(String.valueOf(claims.getSubject()));
    if (!subject.matches()) {
      return new Worthless("the subject is not a service account: " + claims.getSubject());
    }
    Map<?, ?> pod = Map.of();
    if (claims.getClaim("kubernetes.io") instanceof Map<?, ?> bound) {
      if (!subject.group(1).equals(bound.get("namespace"))) {
        return new Worthless("subject and namespace claim differ");
      }
      if (bound.get("pod") instanceof Map<?, ?> claimed) {
        pod = claimed;
      }
    }
    return new Proven(
        new Caller(
            subject.group(1),
            subject.group(2),
            pod.get("name") instanceof String name ? name : "",
            pod.get("uid") instanceof String uid ? uid : "",
            Caller.Proof.TOKEN));
  }

  private DefaultJWTProcessor<SecurityContext> processor() throws IOException, ParseException {
    FileTime now = Files.getLastModifiedTime(keys);
    Loaded present = loaded;
    if (present != null && present.at().equals(now)) {
      return present.processor();
    }
    JWKSet set = JWKSet.load(keys.toFile());
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(set)));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            audiences,
            new JWTClaimsSet.Builder().issuer(issuer).build(),
            Set.of("sub", "exp"),
            null));
    loaded = new Loaded(now, processor);
    return processor;
  }
}
