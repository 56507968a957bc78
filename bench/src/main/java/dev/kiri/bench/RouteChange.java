package dev.kiri.bench;

import dev.kiri.local.store.KubeObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How long after a route was given to the mesh the first request meets it: a client asks without a
/// pause and notes when the answer's header changes. Both clocks are this machine's.
final class RouteChange {
  private static final int RULES = 16;

  private RouteChange() {}

  /// Milliseconds of each change.
  static List<Double> measure(Bed bed, int changes) {
    List<Double> millis = new ArrayList<>();
    Process watching =
        bed.start(
            Variant.WAYPOINT,
            Generator.command("watch", bed.server(Variant.WAYPOINT), "8080", "1"));
    try (BufferedReader seen = watching.inputReader(StandardCharsets.UTF_8)) {
      next(seen); // what holds at first
      for (int i = 0; i < changes; i++) {
        String value = "change-" + System.nanoTime();
        long applied = micros();
        bed.apply(List.of(route(value)));
        String[] line = next(seen);
        while (!line[1].equals(value)) {
          line = next(seen);
        }
        millis.add((Long.parseLong(line[0]) - applied) / 1000.0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      watching.destroy();
    }
    return millis;
  }

  private static String[] next(BufferedReader seen) throws IOException {
    String line = seen.readLine();
    if (line == null) {
      throw new BenchFailed("the client that watches the route has ended");
    }
    return line.split(" ", 2);
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private static KubeObject route(String value) {
    Map<String, Object> filter =
        Map.of(
            "type",
            "ResponseHeaderModifier",
            "responseHeaderModifier",
            Map.of("set", List.of(Map.of("name", "x-route", "value", value))));
    return object("server", List.of(Map.of("filters", List.of(filter), "backendRefs", backends())));
  }

  /// Routes of that many rules in all, none of which the load meets.
  static List<KubeObject> many(int rules) {
    List<KubeObject> routes = new ArrayList<>();
    for (int first = 0; first < rules; first += RULES) {
      List<Map<String, Object>> some = new ArrayList<>();
      for (int i = first; i < Math.min(rules, first + RULES); i++) {
        Map<String, Object> path =
            Map.of("type", "PathPrefix", "value", "/team" + i % 50 + "/service" + i);
        some.add(Map.of("matches", List.of(Map.of("path", path)), "backendRefs", backends()));
      }
      routes.add(object("many-" + first, some));
    }
    return routes;
  }

  private static List<Map<String, Object>> backends() {
    return List.of(Map.of("name", "server", "port", 8080));
  }

  private static KubeObject object(String name, List<Map<String, Object>> rules) {
    Map<String, Object> parent =
        Map.of("group", "", "kind", "Service", "name", "server", "port", 8080);
    return KubeObject.of(
        Map.of(
            "apiVersion",
            "gateway.networking.k8s.io/v1",
            "kind",
            "HTTPRoute",
            "metadata",
            Map.of("name", name, "namespace", Variant.WAYPOINT.namespace()),
            "spec",
            Map.of("parentRefs", List.of(parent), "rules", rules)));
  }
}
