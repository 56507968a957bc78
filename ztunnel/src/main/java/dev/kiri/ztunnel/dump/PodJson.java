package dev.kiri.ztunnel.dump;

import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.ztunnel.connections.LiveConnection;
import dev.kiri.ztunnel.connections.LiveConnections;
import dev.kiri.ztunnel.telemetry.Direction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A pod of the agent and its connections as upstream's dump shows them. Blocks for a moment to ask
/// the event loops.
final class PodJson {
  private static final int PATIENCE_SECONDS = 2;

  private PodJson() {}

  static Map<String, @Nullable Object> of(
      PodProxies.State state, @Nullable LiveConnections connections) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    var workload = state.workload();
    json.put("state", state.up() ? "Up" : "Pending");
    json.put(
        "info",
        Map.of(
            "name",
            workload.name(),
            "namespace",
            workload.namespace(),
            "serviceAccount",
            workload.serviceAccount()));
    if (connections != null) {
      json.put(
          "connections",
          Map.of(
              "inbound", entries(connections, Direction.INBOUND),
              "outbound", entries(connections, Direction.OUTBOUND)));
    }
    return json;
  }

  private static List<Object> entries(LiveConnections connections, Direction direction) {
    try {
      return connections
          .entries(direction)
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .stream()
          .<Object>map(PodJson::entry)
          .toList();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return List.of();
    } catch (ExecutionException | TimeoutException stuck) {
      return List.of();
    }
  }

  private static Map<String, @Nullable Object> entry(LiveConnection.Entry entry) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("src", entry.source());
    json.put("originalDst", entry.originalTarget());
    json.put("actualDst", entry.actualTarget());
    json.put("protocol", entry.protocol());
    return json;
  }
}
