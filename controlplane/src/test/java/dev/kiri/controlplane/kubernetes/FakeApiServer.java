package dev.kiri.controlplane.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import tools.jackson.databind.json.JsonMapper;

/// As much of an API server as the control plane talks to, over real HTTP, with faults on request:
/// discovery, lists in pages, watches, apply, Leases and Secrets with versions, TokenReviews.
final class FakeApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Map<String, Object> END = Map.of();

  final List<String> requests = new CopyOnWriteArrayList<>();
  final Set<Kind> missing = EnumSet.noneOf(Kind.class);
  final Map<String, Map<String, Object>> reviews = new HashMap<>();
  private final Map<String, TreeMap<String, Map<String, Object>>> collections = new HashMap<>();
  private final Map<String, Deque<Fault>> faults = new HashMap<>();
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private long version = 100;

  /// What a request for a path is answered with instead.
  record Fault(int code, Map<String, String> headers) {}

  private record Watch(String collection, BlockingQueue<Map<String, Object>> events) {}

  FakeApiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  KubernetesApi connect() {
    return KubernetesApi.of(
        new ConfigBuilder()
            .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
            .withWatchReconnectInterval(20)
            .build());
  }

  /// The plural: of every kind its folder and an `s`, which is all a client may assume.
  private static String plural(Kind kind) {
    return kind.folder() + "s";
  }

  /// Puts an object as its author would, and tells the watches.
  synchronized void put(Map<String, Object> object) {
    put(collectionOf(object), object, true);
  }

  private static String collectionOf(Map<String, Object> object) {
    String kind = String.valueOf(object.get("kind"));
    return Kind.of(String.valueOf(object.get("apiVersion")), kind)
        .map(FakeApiServer::plural)
        .orElse(kind.toLowerCase(java.util.Locale.ROOT) + "s");
  }

  private synchronized Map<String, Object> put(
      String collection, Map<String, Object> object, boolean tell) {
    Map<String, Object> stored = new LinkedHashMap<>(object);
    Map<String, Object> meta = new LinkedHashMap<>(metadata(object));
    meta.put("resourceVersion", String.valueOf(++version));
    meta.putIfAbsent("uid", "uid-" + meta.get("name"));
    stored.put("metadata", meta);
    var rows = collections.computeIfAbsent(collection, _ -> new TreeMap<>());
    boolean known = rows.put(path(meta), stored) != null;
    if (tell) {
      tell(collection, known ? "MODIFIED" : "ADDED", stored);
    }
    return stored;
  }

  synchronized void remove(Map<String, Object> object) {
    remove(collectionOf(object), path(metadata(object)), true);
  }

  /// Changes an object while nobody is told.
  synchronized void putUnseen(Map<String, Object> object) {
    put(collectionOf(object), object, false);
  }

  synchronized void removeUnseen(Map<String, Object> object) {
    remove(collectionOf(object), path(metadata(object)), false);
  }

  private void remove(String collection, String path, boolean tell) {
    var rows = collections.get(collection);
    Map<String, Object> gone = rows == null ? null : rows.remove(path);
    if (gone != null && tell) {
      Map<String, Object> last = new LinkedHashMap<>(gone);
      Map<String, Object> meta = new LinkedHashMap<>(metadata(gone));
      meta.put("resourceVersion", String.valueOf(++version));
      last.put("metadata", meta);
      tell(collection, "DELETED", last);
    }
  }

  /// Sends an event as it stands.
  synchronized void tell(String collection, String type, Map<String, Object> object) {
    for (Watch watch : watches) {
      if (watch.collection().equals(collection)) {
        watch.events().add(Map.of("type", type, "object", object));
      }
    }
  }

  /// The object as it is stored.
  synchronized Map<String, Object> stored(ObjectKey key) {
    var rows = collections.getOrDefault(plural(key.kind()), new TreeMap<>());
    return rows.getOrDefault(key.kind().namespaced() ? key.path() : "/" + key.name(), Map.of());
  }

  synchronized void fail(Kind kind, int code, int times, Map<String, String> headers) {
    Deque<Fault> next = faults.computeIfAbsent(plural(kind), _ -> new ArrayDeque<>());
    for (int i = 0; i < times; i++) {
      next.add(new Fault(code, headers));
    }
  }

  /// Ends all watches, without a word or with 410.
  synchronized void endWatches(boolean gone) {
    for (Watch watch : watches) {
      if (gone) {
        watch
            .events()
            .add(
                Map.of(
                    "type",
                    "ERROR",
                    "object",
                    Map.of(
                        "kind", "Status",
                        "apiVersion", "v1",
                        "status", "Failure",
                        "reason", "Expired",
                        "code", 410)));
      }
      watch.events().add(END);
    }
    watches.clear();
  }

  int watching(Kind kind) {
    return (int) watches.stream().filter(w -> w.collection().equals(plural(kind))).count();
  }

  List<String> applied(Kind kind, String name) {
    return requests.stream()
        .filter(r -> r.startsWith("PATCH ") && r.contains("/" + plural(kind) + "/" + name))
        .toList();
  }

  private static Map<String, Object> metadata(Map<String, Object> object) {
    return cast(object.getOrDefault("metadata", Map.of()));
  }

  private static String path(Map<String, Object> meta) {
    return meta.getOrDefault("namespace", "") + "/" + meta.get("name");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cast(Object tree) {
    return (Map<String, Object>) tree;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      requests.add(exchange.getRequestMethod() + " " + path);
      byte[] body = exchange.getRequestBody().readAllBytes();
      List<String> parts = List.of(path.substring(1).split("/"));
      int root = parts.getFirst().equals("api") ? 2 : 3;
      if (parts.size() <= root) {
        answer(exchange, 200, discovery(parts));
      } else if (path.endsWith("/tokenreviews")) {
        answer(exchange, 201, review(body));
      } else {
        object(exchange, parts.subList(root, parts.size()), query, body);
      }
    } catch (UncheckedIOException | IOException e) {
      // the client has gone
    }
  }

  private Map<String, Object> review(byte[] body) {
    Map<String, Object> asked = cast(cast(JSON.readValue(body, Map.class)).get("spec"));
    Map<String, Object> status =
        reviews.getOrDefault(
            String.valueOf(asked.get("token")), Map.of("authenticated", false, "error", "unknown"));
    return Map.of("kind", "TokenReview", "status", status);
  }

  private Map<String, Object> discovery(List<String> parts) {
    if (parts.size() == 2 && parts.getFirst().equals("apis")) {
      return Map.of("versions", List.of(Map.of("version", "v1"), Map.of("version", "v1alpha2")));
    }
    String group = parts.getFirst().equals("api") ? "" : parts.get(1);
    String served = parts.getLast();
    List<Object> resources = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      boolean here =
          kind == Kind.TCP_ROUTE ? served.equals("v1alpha2") : served.equals(kind.version());
      if (kind.group().equals(group) && here && !missing.contains(kind)) {
        resources.add(Map.of("kind", kind.kindName(), "name", plural(kind)));
      }
    }
    return Map.of("resources", resources);
  }

  private void object(
      HttpExchange exchange, List<String> parts, Map<String, String> query, byte[] body)
      throws IOException {
    boolean namespaced = parts.getFirst().equals("namespaces") && parts.size() > 2;
    String namespace = namespaced ? parts.get(1) : "";
    List<String> rest = namespaced ? parts.subList(2, parts.size()) : parts;
    String collection = rest.getFirst();
    Fault fault;
    synchronized (this) {
      Deque<Fault> next = faults.getOrDefault(collection, new ArrayDeque<>());
      fault = next.poll();
    }
    if (fault != null) {
      fault.headers().forEach(exchange.getResponseHeaders()::add);
      answer(exchange, fault.code(), status(fault.code(), "on request"));
      return;
    }
    String method = exchange.getRequestMethod();
    String name = rest.size() > 1 ? namespace + "/" + rest.get(1) : "";
    switch (method) {
      case "GET" -> {
        if (!name.isEmpty()) {
          get(exchange, collection, name);
        } else if ("true".equals(query.get("watch"))) {
          watch(exchange, collection, query);
        } else {
          answer(exchange, 200, list(collection, query));
        }
      }
      case "POST" -> create(exchange, collection, namespace, cast(JSON.readValue(body, Map.class)));
      case "PUT" -> replace(exchange, collection, name, cast(JSON.readValue(body, Map.class)));
      case "PATCH" ->
          apply(exchange, collection, name, rest.size() > 2, cast(JSON.readValue(body, Map.class)));
      default -> {
        synchronized (this) {
          remove(collection, name, true);
        }
        answer(exchange, 200, status(200, ""));
      }
    }
  }

  private void get(HttpExchange exchange, String collection, String name) throws IOException {
    Map<String, Object> found;
    synchronized (this) {
      found = collections.getOrDefault(collection, new TreeMap<>()).get(name);
    }
    answer(exchange, found == null ? 404 : 200, found == null ? status(404, "not found") : found);
  }

  private synchronized Map<String, Object> list(String collection, Map<String, String> query) {
    List<Map<String, Object>> all =
        new ArrayList<>(collections.getOrDefault(collection, new TreeMap<>()).values());
    int from = Integer.parseInt(query.getOrDefault("continue", "0"));
    int limit = Integer.parseInt(query.getOrDefault("limit", "1000000"));
    int to = Math.min(all.size(), from + Math.min(limit, 2));
    Map<String, Object> meta = new HashMap<>(Map.of("resourceVersion", String.valueOf(version)));
    if (to < all.size()) {
      meta.put("continue", String.valueOf(to));
    }
    return Map.of(
        "kind", "List", "apiVersion", "v1", "metadata", meta, "items", all.subList(from, to));
  }

  private void watch(HttpExchange exchange, String collection, Map<String, String> query)
      throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    Watch watch = new Watch(collection, new LinkedBlockingQueue<>());
    synchronized (this) {
      long after = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
      for (var object : collections.getOrDefault(collection, new TreeMap<>()).values()) {
        if (Long.parseLong(String.valueOf(metadata(object).get("resourceVersion"))) > after) {
          watch.events().add(Map.of("type", "MODIFIED", "object", object));
        }
      }
      watches.add(watch);
    }
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      while (true) {
        Map<String, Object> event = watch.events().take();
        if (event.isEmpty()) {
          return;
        }
        out.write((JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watches.remove(watch);
    }
  }

  private void create(
      HttpExchange exchange, String collection, String namespace, Map<String, Object> object)
      throws IOException {
    Map<String, Object> stored = null;
    synchronized (this) {
      Map<String, Object> meta = new LinkedHashMap<>(metadata(object));
      if (!namespace.isEmpty()) {
        meta.put("namespace", namespace);
      }
      object.put("metadata", meta);
      if (!collections.getOrDefault(collection, new TreeMap<>()).containsKey(path(meta))) {
        stored = put(collection, object, true);
      }
    }
    answer(exchange, stored == null ? 409 : 201, stored == null ? status(409, "exists") : stored);
  }

  private void replace(
      HttpExchange exchange, String collection, String name, Map<String, Object> object)
      throws IOException {
    Map<String, Object> stored = null;
    synchronized (this) {
      Map<String, Object> present =
          collections.getOrDefault(collection, new TreeMap<>()).getOrDefault(name, Map.of());
      Object asked = metadata(object).get("resourceVersion");
      if (asked == null || asked.equals(metadata(present).get("resourceVersion"))) {
        stored = put(collection, object, true);
      }
    }
    answer(exchange, stored == null ? 409 : 200, stored == null ? status(409, "changed") : stored);
  }

  private void apply(
      HttpExchange exchange,
      String collection,
      String name,
      boolean statusOnly,
      Map<String, Object> object)
      throws IOException {
    Map<String, Object> stored;
    synchronized (this) {
      Map<String, Object> present = collections.getOrDefault(collection, new TreeMap<>()).get(name);
      if (present == null && statusOnly) {
        stored = null;
      } else {
        Map<String, Object> merged = new LinkedHashMap<>(present == null ? object : present);
        merged.putAll(statusOnly ? Map.of("status", object.get("status")) : object);
        stored = put(collection, merged, true);
      }
    }
    answer(exchange, stored == null ? 404 : 200, stored == null ? status(404, "gone") : stored);
  }

  private static Map<String, Object> status(int code, String message) {
    return Map.of(
        "kind",
        "Status",
        "apiVersion",
        "v1",
        "status",
        code < 300 ? "Success" : "Failure",
        "message",
        message,
        "code",
        code);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static void answer(HttpExchange exchange, int code, Map<String, ?> tree)
      throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(tree);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    endWatches(false);
    server.stop(0);
  }
}
