package dev.kiri.local.mesh;

import dev.kiri.local.dns.DnsZone;
import dev.kiri.local.network.Fabric;
import dev.kiri.local.network.Tool;
import dev.kiri.local.network.Topology;
import dev.kiri.local.service.Backends;
import dev.kiri.local.service.EndpointPlanner;
import dev.kiri.local.service.ServiceAddresses;
import dev.kiri.local.service.TranslationRules;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.PodPlanner;
import dev.kiri.local.workload.Step;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what runs in step with the objects, again and again: each round looks at all objects and
/// does what is missing. One platform thread; [#zone] may be read from any.
final class MeshLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("mesh");

  /// Changes that arrive within this time of each other are handled together.
  private static final int GATHER_MILLIS = 2;

  private final ObjectStore store;
  private final Fabric fabric;
  private final PodFleet fleet;
  private final Clock clock;
  private final LinkedBlockingQueue<Set<ObjectKey>> changes = new LinkedBlockingQueue<>();
  private final Map<String, String> rules = new HashMap<>();
  private volatile DnsZone zone = DnsZone.EMPTY;
  private volatile boolean closed;
  private volatile boolean idle;

  MeshLoop(ObjectStore store, Fabric fabric, PodFleet fleet, Clock clock) {
    this.store = store;
    this.fabric = fabric;
    this.fleet = fleet;
    this.clock = clock;
  }

  DnsZone zone() {
    return zone;
  }

  /// True when every change so far has been carried out.
  boolean isIdle() {
    return idle && changes.isEmpty();
  }

  void start() {
    store.onChange(changes::add);
    Thread.ofPlatform().daemon().name("mesh").start(this::run);
    changes.add(Set.of());
  }

  private void run() {
    try {
      while (!closed) {
        var kinds = new java.util.HashSet<String>();
        idle = changes.isEmpty();
        var first = changes.take();
        idle = false;
        for (var batch = first;
            batch != null;
            batch = changes.poll(GATHER_MILLIS, TimeUnit.MILLISECONDS)) {
          batch.forEach(k -> kinds.add(k.kind()));
        }
        round(kinds);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round(Set<String> changedKinds) {
    try {
      completeAccounts();
      completeServices();
      pods();
      endpoints();
      names();
      translation();
      if (changedKinds.contains("ConfigMap") || changedKinds.contains("Secret")) {
        fleet.refreshVolumes();
      }
    } catch (RuntimeException e) {
      log.warn("a round over the objects failed; the next change tries again", e);
    }
  }

  /// What an API server and its controllers give every namespace.
  private void completeAccounts() {
    var namespaces = new java.util.TreeSet<String>();
    store.all().stream()
        .map(KubeObject::namespace)
        .filter(n -> !n.isEmpty())
        .forEach(namespaces::add);
    store.list("Namespace").forEach(n -> namespaces.add(n.name()));
    for (var name : namespaces) {
      if (store.get("Namespace", "", name).isEmpty()) {
        store.put(object("v1", "Namespace", "", name));
      }
      var namespace = store.get("Namespace", "", name).orElseThrow();
      if (!namespace.labels().containsKey("kubernetes.io/metadata.name")) {
        store.put(namespace.with(name, "metadata", "labels", "kubernetes.io/metadata.name"));
      }
      if (store.get("ServiceAccount", name, "default").isEmpty()) {
        store.put(object("v1", "ServiceAccount", name, "default"));
      }
    }
  }

  static KubeObject object(String api, String kind, String namespace, String name) {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    return KubeObject.of(Map.of("apiVersion", api, "kind", kind, "metadata", metadata));
  }

  private void completeServices() {
    for (var service : store.list("Service")) {
      var complete = ServiceAddresses.complete(service, store.list("Service"));
      if (!complete.equals(service)) {
        store.update(service.key(), now -> now.with(complete.at("spec"), "spec"));
      }
    }
  }

  private Map<String, Map<String, String>> nodes() {
    var out = new LinkedHashMap<String, Map<String, String>>();
    for (var name : fabric.topology().nodes()) {
      out.put(name, store.get("Node", "", name).map(KubeObject::labels).orElse(Map.of()));
    }
    return out;
  }

  private void pods() {
    var workloads =
        Stream.of("DaemonSet", "Deployment", "StatefulSet", "Job")
            .flatMap(k -> store.list(k).stream())
            .toList();
    var steps = PodPlanner.plan(workloads, store.list("Pod"), nodes(), clock.instant());
    for (var step : steps) {
      switch (step) {
        case Step.Create(var pod) -> store.put(pod);
        case Step.Delete(var key) -> terminate(store, key, clock);
        case Step.Bind(var key, var node) ->
            store.update(key, p -> p.with(node, "spec", "nodeName"));
        case Step.Status(var key, var status) -> store.putOverlay(key, Map.of("status", status));
      }
    }
    fleet.sync(store.list("Pod"));
  }

  /// Marks a pod as going; the fleet ends it and removes the object.
  static void terminate(ObjectStore store, ObjectKey pod, Clock clock) {
    store.update(
        pod,
        p ->
            p.text("metadata", "deletionTimestamp").isEmpty()
                ? p.with(
                    clock.instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString(),
                    "metadata",
                    "deletionTimestamp")
                : p);
  }

  private void endpoints() {
    var wanted = new HashMap<ObjectKey, KubeObject>();
    var nodes = nodes();
    for (var service : store.list("Service")) {
      var pods = store.list("Pod", service.namespace());
      EndpointPlanner.slices(service, pods, nodes).forEach(s -> wanted.put(s.key(), s));
    }
    wanted.values().forEach(store::put);
    for (var slice : store.list("EndpointSlice")) {
      if (EndpointPlanner.isOurs(slice) && !wanted.containsKey(slice.key())) {
        store.delete(slice.key());
      }
    }
  }

  private void names() {
    var next = DnsZone.of(store.list("Service"), store.list("EndpointSlice"), store.list("Pod"));
    if (!next.equals(zone)) {
      zone = next;
    }
  }

  private void translation() {
    var backends = Backends.of(store.list("Service"), store.list("EndpointSlice"));
    var topology = fabric.topology();
    for (var node : topology.nodes()) {
      int number = topology.number(node).orElseThrow();
      var addresses =
          List.of(topology.nodeAddress(number), Topology.canonical(topology.nodeAddress6(number)));
      apply(node, TranslationRules.text(backends, node, addresses));
    }
    apply("router", TranslationRules.text(backends, "router", List.of()));
  }

  private void apply(String namespace, String text) {
    if (text.equals(rules.get(namespace))) {
      return;
    }
    var file = namespace.equals("router") ? fabric.router() : fabric.node(namespace);
    try {
      Tool.run(
          text,
          new ArrayList<>(List.of("nsenter", "--net=" + file.path(), "--", "nft", "-f", "-")));
    } catch (Tool.ToolFailed e) {
      log.warn("service translation of {} stays as it was: {}", namespace, e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    changes.add(Set.of());
  }
}
