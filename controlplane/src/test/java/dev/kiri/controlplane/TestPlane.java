package dev.kiri.controlplane;

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
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A control plane on loopback over a folder of its own, with an issuer of service account tokens.
final class TestPlane implements AutoCloseable {
  static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  final Path folder;
  final Issuer issuer;
  ControlPlane plane;

  TestPlane(Path folder, String... documents) throws Exception {
    this.folder = folder;
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
    this.issuer = new Issuer(key);
    Files.createDirectories(folder.resolve("objects"));
    Files.createDirectories(folder.resolve("overlay"));
    Files.writeString(folder.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    int number = 0;
    for (String document : documents) {
      write("start-" + number++ + ".yaml", document);
    }
    plane = start();
  }

  private ControlPlane start() throws Exception {
    ControlPlaneSettings settings =
        ControlPlaneSettings.of(
            new String[] {
              "--objects",
              folder.resolve("objects").toString(),
              "--overlay=" + folder.resolve("overlay")
            },
            Map.of(
                "KIRI_STATE_DIR", folder.resolve("state").toString(),
                "KIRI_TOKEN_JWKS", folder.resolve("keys.json").toString(),
                "KIRI_LISTEN_ADDRESS", "127.0.0.1",
                "KIRI_SECURE_PORT", "0",
                "KIRI_HTTP_PORT", "0",
                "KIRI_MONITORING_PORT", "0"));
    return ControlPlane.start(settings, Clock.systemUTC(), "test");
  }

  void restart() throws Exception {
    plane.close();
    plane = start();
  }

  /// Puts a file into the objects folder in one step.
  void write(String name, String documents) throws IOException {
    Path hidden = folder.resolve("objects/." + name);
    Files.writeString(hidden, documents);
    Files.move(
        hidden,
        folder.resolve("objects").resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void remove(String name) throws IOException {
    Files.delete(folder.resolve("objects").resolve(name));
  }

  /// What another process lays over an object.
  void overlay(String path, String document) throws IOException {
    Path file = folder.resolve("overlay").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, document);
  }

  /// A file the control plane wrote, as a tree; empty where it is not there.
  Map<?, ?> written(String path) throws IOException {
    Path file = folder.resolve(path);
    if (!Files.exists(file)) {
      return Map.of();
    }
    Object tree = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    return tree instanceof Map<?, ?> map ? map : Map.of();
  }

  String text(String path) throws IOException {
    Path file = folder.resolve(path);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  String token(String namespace, String account, String pod, String podUid) {
    return issuer.token(namespace, account, pod, podUid);
  }

  String token(
      String namespace,
      String account,
      String pod,
      String podUid,
      String by,
      String audience,
      Duration life) {
    return issuer.token(namespace, account, pod, podUid, by, audience, life);
  }

  ControlPlaneEndpoint endpoint(String token) {
    return new ControlPlaneEndpoint(
        URI.create("https://localhost:" + plane.securePort()),
        null,
        new RootSource.Inline(plane.rootPem()),
        new TokenSource.Literal(token),
        "Kubernetes",
        Map.of());
  }

  @Override
  public void close() {
    plane.close();
  }

  /// Signs service account tokens with a key.
  record Issuer(ECKey key) {
    String token(String namespace, String account, String pod, String podUid) {
      return token(namespace, account, pod, podUid, ISSUER, "istio-ca", Duration.ofHours(1));
    }

    String token(
        String namespace,
        String account,
        String pod,
        String podUid,
        String issuer,
        String audience,
        Duration life) {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
              new JWTClaimsSet.Builder()
                  .issuer(issuer)
                  .subject("system:serviceaccount:" + namespace + ":" + account)
                  .audience(audience)
                  .expirationTime(Date.from(Instant.now().plus(life)))
                  .claim(
                      "kubernetes.io",
                      Map.of(
                          "namespace", namespace,
                          "serviceaccount", Map.of("name", account, "uid", "sa-uid"),
                          "pod", Map.of("name", pod, "uid", podUid)))
                  .build());
      try {
        token.sign(new ECDSASigner(key));
      } catch (JOSEException e) {
        throw new IllegalStateException(e);
      }
      return token.serialize();
    }
  }
}
