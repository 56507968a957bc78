package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.ca.RootStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The root in a Secret of the control plane's namespace (controlplane.md 12.4), which several
/// control planes share: the first one makes it, and who renews it does so against the version it
/// has read.
final class SecretRoot implements RootStore {
  static final String NAME = "istio-ca-secret";

  private static final String TYPE = "istio.io/ca-root";
  private static final String KEY = "ca-key.pem";
  private static final String CERTIFICATE = "ca-cert.pem";
  private static final int CONFLICT = 409;

  private final KubernetesApi api;
  private final String namespace;

  SecretRoot(KubernetesApi api, String namespace) {
    this.api = api;
    this.namespace = namespace;
  }

  private String folder() {
    return "/api/v1/namespaces/" + namespace + "/secrets";
  }

  @Override
  public @Nullable Kept read() throws IOException {
    Map<String, Object> secret = api.find(folder() + "/" + NAME);
    return secret.isEmpty() ? null : kept(secret);
  }

  private Kept kept(Map<String, Object> secret) throws IOException {
    if (secret.get("data") instanceof Map<?, ?> data
        && data.get(KEY) instanceof String key
        && data.get(CERTIFICATE) instanceof String certificate) {
      try {
        return new Kept(decoded(key), decoded(certificate));
      } catch (IllegalArgumentException e) {
        throw new IOException(this + " is not in base64", e);
      }
    }
    throw new IOException(this + " lacks " + KEY + " or " + CERTIFICATE);
  }

  @Override
  public Kept create(Kept fresh) throws IOException {
    try {
      return kept(
          api.send(
              "POST",
              folder(),
              KubernetesApi.JSON,
              Map.of(
                  "apiVersion",
                  "v1",
                  "kind",
                  "Secret",
                  "metadata",
                  Map.of("name", NAME, "namespace", namespace),
                  "type",
                  TYPE,
                  "data",
                  data(fresh))));
    } catch (KubernetesApi.Refusal refusal) {
      return theirs(refusal);
    }
  }

  @Override
  public Kept replace(Kept old, Kept renewed) throws IOException {
    Map<String, Object> secret = new HashMap<>(api.find(folder() + "/" + NAME));
    if (secret.isEmpty() || !kept(secret).equals(old)) {
      return secret.isEmpty() ? create(renewed) : kept(secret);
    }
    Map<Object, Object> data = new HashMap<>((Map<?, ?>) secret.get("data"));
    data.putAll(data(renewed));
    secret.put("data", data);
    try {
      return kept(api.send("PUT", folder() + "/" + NAME, KubernetesApi.JSON, secret));
    } catch (KubernetesApi.Refusal refusal) {
      return theirs(refusal);
    }
  }

  private Kept theirs(KubernetesApi.Refusal refusal) throws IOException {
    Kept theirs = refusal.code() == CONFLICT ? read() : null;
    if (theirs == null) {
      throw refusal;
    }
    return theirs;
  }

  private static Map<String, String> data(Kept kept) {
    return Map.of(KEY, encoded(kept.keyPem()), CERTIFICATE, encoded(kept.certificatePem()));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "Secret " + namespace + "/" + NAME;
  }
}
