package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.Kind;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The API server: plain requests, and which kinds it serves under which version. Answers 429 and
/// 5xx are tried again by the client, with growing pauses and as `Retry-After` says. Thread-safe;
/// blocks.
final class KubernetesApi implements AutoCloseable {
  static final String JSON = "application/json";
  static final String APPLY = "application/apply-patch+yaml";

  private static final long ANSWER_SECONDS = 60;
  private static final int RETRIES = 5;
  private static final int FIRST_PAUSE_MILLIS = 200;

  private final KubernetesClient client;
  private final JsonMapper json = JsonMapper.builder().build();
  private final Map<Kind, Served> served = new ConcurrentHashMap<>();

  /// An answer that is no success.
  static final class Refusal extends IOException {
    private final int code;

    Refusal(int code, String message) {
      super(message);
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /// How the server calls a kind.
  record Served(String version, String plural) {}

  private KubernetesApi(KubernetesClient client) {
    this.client = client;
  }

  /// The API server of the pod's cluster, or of `KUBECONFIG`.
  static KubernetesApi ofEnvironment() {
    return of(Config.autoConfigure(null));
  }

  static KubernetesApi of(Config config) {
    Config bounded =
        new ConfigBuilder(config)
            // as kubectl does: one connection carries all watches
            .withOnlyHttpWatches(true)
            .withRequestRetryBackoffLimit(RETRIES)
            .withRequestRetryBackoffInterval(FIRST_PAUSE_MILLIS)
            .build();
    return new KubernetesApi(new KubernetesClientBuilder().withConfig(bounded).build());
  }

  KubernetesClient client() {
    return client;
  }

  /// What the server says of a kind: asked once it is there, again while it is not. Empty where the
  /// kind's definition is not installed.
  Optional<Served> served(Kind kind) throws IOException {
    Served known = served.get(kind);
    if (known != null) {
      return Optional.of(known);
    }
    for (String version : versions(kind)) {
      Map<String, Object> found = find(groupPath(kind, version));
      for (Object each : list(found, "resources")) {
        if (each instanceof Map<?, ?> resource
            && kind.kindName().equals(resource.get("kind"))
            && resource.get("name") instanceof String plural
            && plural.indexOf('/') < 0) {
          Served answer = new Served(version, plural);
          served.put(kind, answer);
          return Optional.of(answer);
        }
      }
    }
    return Optional.empty();
  }

  /// The kind's own version first, then what the server prefers.
  private List<String> versions(Kind kind) throws IOException {
    List<String> versions = new ArrayList<>(List.of(kind.version()));
    if (!kind.group().isEmpty()) {
      for (Object each : list(find("/apis/" + kind.group()), "versions")) {
        if (each instanceof Map<?, ?> version
            && version.get("version") instanceof String name
            && !versions.contains(name)) {
          versions.add(name);
        }
      }
    }
    return versions;
  }

  /// How fabric8 is told of a kind.
  static ResourceDefinitionContext context(Kind kind, Served as) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(kind.group().isEmpty() ? null : kind.group())
        .withVersion(as.version())
        .withKind(kind.kindName())
        .withPlural(as.plural())
        .withNamespaced(kind.namespaced())
        .build();
  }

  /// The path of an object of a kind that the server must serve.
  String path(Kind kind, String namespace, String name) throws IOException {
    Served as =
        served(kind)
            .orElseThrow(() -> new IOException("the API server does not serve " + kind.kindName()));
    return groupPath(kind, as.version())
        + (kind.namespaced() ? "/namespaces/" + namespace : "")
        + "/"
        + as.plural()
        + "/"
        + name;
  }

  /// The `apiVersion` of a kind as the server has it.
  String apiVersion(Kind kind) throws IOException {
    String version = served(kind).map(Served::version).orElse(kind.version());
    return kind.group().isEmpty() ? version : kind.group() + "/" + version;
  }

  private static String groupPath(Kind kind, String version) {
    return kind.group().isEmpty() ? "/api/" + version : "/apis/" + kind.group() + "/" + version;
  }

  /// Asks; an answer 404 is an empty tree.
  Map<String, Object> find(String path) throws IOException {
    try {
      return send("GET", path, JSON, null);
    } catch (Refusal refusal) {
      if (refusal.code() == 404) {
        return Map.of();
      }
      throw refusal;
    }
  }

  /// Sends a request with a tree as its body, or without one; returns the tree of the answer.
  Map<String, Object> send(
      String method, String path, String contentType, @Nullable Map<String, ?> body)
      throws IOException {
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(client.getMasterUrl().toString().replaceAll("/$", "") + path)
            .header("Accept", JSON)
            .method(method, contentType, body == null ? null : json.writeValueAsString(body))
            .build();
    HttpResponse<byte[]> response = await(request);
    String text = new String(response.body(), StandardCharsets.UTF_8);
    if (!response.isSuccessful()) {
      throw new Refusal(
          response.code(), method + " " + path + ": " + response.code() + " " + reason(text));
    }
    return tree(text);
  }

  private HttpResponse<byte[]> await(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.getHttpClient().sendAsync(request, byte[].class);
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the API server", e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + ANSWER_SECONDS + " s: " + request.uri(), e);
    } catch (ExecutionException e) {
      throw new IOException(request.uri() + ": " + e.getMessage(), e);
    }
  }

  private String reason(String text) {
    try {
      return tree(text).get("message") instanceof String message ? message : "";
    } catch (IOException e) {
      return "";
    }
  }

  @SuppressWarnings("unchecked") // the keys of JSON objects are strings
  private Map<String, Object> tree(String text) throws IOException {
    try {
      return text.isBlank() ? Map.of() : json.readValue(text, Map.class);
    } catch (JacksonException e) {
      throw new IOException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static List<?> list(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof List<?> list ? list : List.of();
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String toString() {
    return client.getMasterUrl().toString();
  }
}
