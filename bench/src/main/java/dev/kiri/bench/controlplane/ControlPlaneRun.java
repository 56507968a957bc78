package dev.kiri.bench.controlplane;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One run: start, connect, change, reconnect, idle.
public final class ControlPlaneRun {
  private static final int CHANGES = 40;
  private static final int WARM_UP = 10;
  private static final int IDLE_SECONDS = 20;
  private static final int PATIENCE_SECONDS = 240;

  private final int pods;
  private final int services;
  private final int clients;
  private final List<Map<String, Object>> results = new ArrayList<>();

  /// A run with so many objects and streams.
  public ControlPlaneRun(int pods, int services, int clients) {
    this.pods = pods;
    this.services = services;
    this.clients = clients;
  }

  /// Measures; one object a figure, with its bound where there is one.
  public List<Map<String, Object>> execute() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("kiri-bench-controlplane");
    try (Plane plane = new Plane(folder, pods, services)) {
      result("initial index", "ms", (double) plane.startMillis(), 10_000);
      result("resident after the index", "MiB", plane.mebibytes("VmRSS"), 700);
      measure(plane, folder.resolve("objects"));
    } finally {
      remove(folder);
    }
    return List.copyOf(results);
  }

  private void measure(Plane plane, Path objects) throws IOException, InterruptedException {
    Map<String, Map<String, String>> held = new LinkedHashMap<>();
    long all = (long) pods + services;
    Arrivals arrivals = new Arrivals();
    List<ManagedChannel> channels = new ArrayList<>();
    List<Stream> streams = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < clients; i++) {
      ManagedChannel channel = plane.connect();
      channels.add(channel);
      streams.add(new Stream(channel, i, Map.of(), i == 0 ? held : null, arrivals));
    }
    await(() -> streams.stream().allMatch(s -> s.resources() >= all), "the first state");
    result("first state of all streams", "ms", millisSince(began), null);
    result("resident with all streams", "MiB", plane.mebibytes("VmRSS"), null);

    double[] podMillis = changes(arrivals, i -> write(objects, "pod.yaml", pod(i)));
    result("one pod change to bytes on all streams, median", "ms", podMillis[CHANGES / 2], 20);
    result("one pod change to bytes on all streams, worst", "ms", podMillis[CHANGES - 1], null);
    double[] policyMillis = changes(arrivals, i -> write(objects, "policy.yaml", policy(i)));
    result("manifest to bytes on all streams, median", "ms", policyMillis[CHANGES / 2], 100);
    result("manifest to bytes on all streams, worst", "ms", policyMillis[CHANGES - 1], null);

    double cpu = plane.cpuSeconds();
    TimeUnit.SECONDS.sleep(IDLE_SECONDS);
    double idle = (plane.cpuSeconds() - cpu) / IDLE_SECONDS;
    result("CPU while idle", "% of a core", 100 * idle, 1);

    streams.forEach(Stream::close);
    streams.clear();
    // the client's versions are those of its first state; what changed since is asked for again
    try (Closing closing = new Closing(channels)) {
      reconnect(held, closing.channels(), streams, all);
    }
    result("resident in the end", "MiB", plane.mebibytes("VmRSS"), null);
    result("resident at most", "MiB", plane.mebibytes("VmHWM"), null);
  }

  private void reconnect(
      Map<String, Map<String, String>> held,
      List<ManagedChannel> channels,
      List<Stream> streams,
      long all) {
    Map<String, Map<String, String>> now = new LinkedHashMap<>(held);
    Stream refresh = new Stream(channels.getFirst(), 0, Map.of(), now, () -> {});
    await(() -> refresh.resources() >= all, "the state before the reconnect");
    refresh.close();
    long began = System.nanoTime();
    for (int i = 0; i < channels.size(); i++) {
      streams.add(new Stream(channels.get(i), i, now, null, () -> {}));
    }
    int types = Stream.TYPES.size();
    await(
        () -> streams.stream().allMatch(s -> s.resources() >= 0 && s.responses() >= types),
        "the reconnect");
    result("reconnect of all streams", "ms", millisSince(began), null);
    result(
        "resources sent on the reconnect",
        "resources",
        (double) streams.stream().mapToLong(Stream::resources).sum(),
        0);
    result(
        "bytes sent on the reconnect",
        "bytes",
        (double) streams.stream().mapToLong(Stream::bytes).sum(),
        null);
  }

  private record Closing(List<ManagedChannel> channels) implements AutoCloseable {
    @Override
    public void close() {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  /// Counts responses of one change down.
  private static final class Arrivals implements Runnable {
    private volatile CountDownLatch open = new CountDownLatch(0);

    @Override
    public void run() {
      open.countDown();
    }

    CountDownLatch expect(int count) {
      CountDownLatch next = new CountDownLatch(count);
      open = next;
      return next;
    }
  }

  /// Makes a change.
  private interface ChangeMaker {
    void make(int number) throws IOException;
  }

  /// Milliseconds until the last stream has a change, sorted.
  private double[] changes(Arrivals arrivals, ChangeMaker maker)
      throws IOException, InterruptedException {
    double[] millis = new double[CHANGES];
    for (int i = -WARM_UP; i < CHANGES; i++) {
      CountDownLatch latch = arrivals.expect(clients);
      long began = System.nanoTime();
      maker.make(i + WARM_UP);
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new PlaneFailed("a change did not arrive on all streams");
      }
      if (i >= 0) {
        millis[i] = millisSince(began);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    Arrays.sort(millis);
    return millis;
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Path hidden = folder.resolve("." + name);
    Files.writeString(hidden, text);
    Files.move(
        hidden,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static String pod(int i) {
    return """
    {apiVersion: v1, kind: Pod, metadata: {name: probe, namespace: ns-0, labels: {app: app-0, n: '%d'}},
     spec: {nodeName: node-0}, status: {phase: Running, podIP: 12.0.%d.1, conditions: [{type: Ready, status: 'True'}]}}
    """
        .formatted(i, i % 250);
  }

  private static String policy(int i) {
    return """
    {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: probe, namespace: ns-0},
     spec: {selector: {matchLabels: {app: app-0}}, rules: [{to: [{operation: {ports: ['%d']}}]}]}}
    """
        .formatted(8000 + i);
  }

  private static void await(BooleanSupplier condition, String what) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new PlaneFailed(what + " did not come within " + PATIENCE_SECONDS + " s");
      }
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PlaneFailed("interrupted");
      }
    }
  }

  private static double millisSince(long began) {
    return (System.nanoTime() - began) / 1e6;
  }

  private void result(String metric, String unit, double value, @Nullable Integer bound) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("metric", metric);
    row.put("unit", unit);
    row.put("value", Math.round(value * 100) / 100.0);
    if (bound != null) {
      row.put("at_most", bound);
      row.put("reached", value <= bound);
    }
    results.add(row);
  }

  private static void remove(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    }
  }
}
