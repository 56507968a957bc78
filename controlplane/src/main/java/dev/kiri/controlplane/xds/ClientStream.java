package dev.kiri.controlplane.xds;

import com.google.protobuf.Value;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.xds.ResourceTable.Watcher;
import dev.kiri.mesh.proto.core.Node;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's stream. gRPC's threads put a request down, tables put names down; one virtual
/// thread takes them up and writes, whenever the transport is ready for more. At most one request
/// waits; changes are a set of names per type, so a client that reads slowly costs no more than
/// that.
final class ClientStream implements StreamObserver<DeltaDiscoveryRequest> {
  /// A response is cut here; every client of gRPC takes messages of 4 MiB.
  static final int MAX_RESPONSE_BYTES = 3 * 1024 * 1024;

  /// Names one client may subscribe to by name, over all types.
  static final int MAX_NAMES = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger("ads");

  private final long id;
  private final Caller caller;
  private final DiscoveryServer server;
  private final ServerCallStreamObserver<DeltaDiscoveryResponse> out;
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private final List<Runnable> unwatch = new ArrayList<>();
  private @Nullable DeltaDiscoveryRequest request;
  private boolean closed;
  private String node = "";
  private String clientNode = "";
  private String pod = "";
  private long nonces;

  ClientStream(
      long id,
      Caller caller,
      DiscoveryServer server,
      ServerCallStreamObserver<DeltaDiscoveryResponse> out) {
    this.id = id;
    this.caller = caller;
    this.server = server;
    this.out = out;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::wake);
    out.setOnCancelHandler(this::close);
    out.request(1);
  }

  @Override
  public synchronized void onNext(DeltaDiscoveryRequest next) {
    request = next;
    notifyAll();
  }

  @Override
  public void onError(Throwable broken) {
    close();
  }

  @Override
  public void onCompleted() {
    close();
  }

  private synchronized void wake() {
    notifyAll();
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /// Serves until the stream ends. Runs on the stream's own thread.
  void run() {
    try {
      while (step()) {
        // one request or one round of changes a step
      }
      out.onCompleted();
    } catch (Refusal refusal) {
      LOG.warn("stream {} of {} refused: {}", id, caller, refusal.status.getDescription());
      out.onError(refusal.status.asRuntimeException());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!out.isCancelled()) {
        LOG.error("stream {} of {} broke", id, caller, e);
        server.observer().internalError();
        out.onError(Status.INTERNAL.withDescription("internal error").asRuntimeException());
      }
    } finally {
      close();
      unwatch.forEach(Runnable::run);
      server.refusals().ended(id);
      LOG.info("ADS: {} terminated", this);
    }
  }

  private boolean step() throws InterruptedException {
    DeltaDiscoveryRequest taken;
    synchronized (this) {
      while (!closed && request == null && !(out.isReady() && anyPending())) {
        wait();
      }
      if (closed) {
        return false;
      }
      taken = request;
      request = null;
    }
    if (taken != null) {
      handle(taken);
      out.request(1);
    } else {
      flush();
    }
    return true;
  }

  private boolean anyPending() {
    return subscriptions.values().stream().anyMatch(Subscription::hasPending);
  }

  private void handle(DeltaDiscoveryRequest message) throws InterruptedException {
    if (node.isEmpty()) {
      introduce(message.getNode());
    }
    String type = message.getTypeUrl();
    Subscription subscription = subscriptions.get(type);
    if (message.hasErrorDetail()) {
      String text = message.getErrorDetail().getMessage();
      LOG.warn("ADS: {} rejected {}: {}", this, type, text);
      server.observer().rejected(type, text);
      if (subscription != null) {
        synchronized (this) {
          subscription.reject(text);
        }
        tellRefusals(subscription);
      }
      return;
    }
    if (subscription == null) {
      first(type, message);
      return;
    }
    if (!message.getResponseNonce().isEmpty()) {
      if (!message.getResponseNonce().equals(subscription.nonce())) {
        server.observer().staleNonce(type);
        return;
      }
      synchronized (this) {
        subscription.acknowledge(message.getResponseNonce());
      }
      tellRefusals(subscription);
    }
    changed(subscription, message);
  }

  private void tellRefusals(Subscription subscription) {
    Optional<Map<String, String>> changed;
    synchronized (this) {
      changed = subscription.changedRefusals();
    }
    if (changed.isPresent()) {
      Map<String, Refusals.Refusal> refusals = new LinkedHashMap<>();
      changed
          .get()
          .forEach(
              (name, reason) ->
                  refusals.put(name, new Refusals.Refusal(caller.namespace(), pod, reason)));
      server.refusals().put(id, subscription.typeUrl(), refusals);
    }
  }

  private void first(String type, DeltaDiscoveryRequest message) throws InterruptedException {
    ResourceTable table = server.tableFor(type, caller);
    if (table == null) {
      LOG.warn("ADS: {} asked for {}, of which it sees nothing", this, type);
      table = new ResourceTable();
    }
    List<String> wanted = new ArrayList<>(message.getResourceNamesSubscribeList());
    boolean wildcard = wanted.isEmpty() || wanted.contains("*");
    if (!wildcard) {
      wanted.addAll(message.getInitialResourceVersionsMap().keySet());
      wanted.removeAll(message.getResourceNamesUnsubscribeList());
      checkNames(wanted.size());
    }
    Subscription subscription = new Subscription(type, table, clientNode, wildcard);
    Watcher watcher = touched -> note(subscription, touched);
    synchronized (this) {
      subscriptions.put(type, subscription);
    }
    table.watch(watcher);
    ResourceTable watched = table;
    unwatch.add(() -> watched.unwatch(watcher));
    Map<String, String> held = message.getInitialResourceVersionsMap();
    if (wildcard) {
      everything(subscription, held);
      return;
    }
    Set<String> names;
    synchronized (this) {
      names = subscription.subscribe(wanted);
    }
    answer(subscription, names, held);
  }

  private void changed(Subscription subscription, DeltaDiscoveryRequest message)
      throws InterruptedException {
    List<String> wanted = message.getResourceNamesSubscribeList();
    List<String> unwanted = message.getResourceNamesUnsubscribeList();
    if (wanted.isEmpty() && unwanted.isEmpty()) {
      return;
    }
    if (subscription.wildcard()) {
      everything(subscription, Map.of());
      return;
    }
    checkNames(wanted.size());
    Set<String> names;
    synchronized (this) {
      subscription.unsubscribe(unwanted);
      names = wanted.isEmpty() ? Set.of() : subscription.subscribe(wanted);
    }
    if (!wanted.isEmpty()) {
      answer(subscription, names, Map.of());
    }
  }

  private void checkNames(int more) {
    int sum = more;
    for (Subscription each : subscriptions.values()) {
      sum += each.names();
    }
    if (sum > MAX_NAMES) {
      throw new Refusal(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "more than " + MAX_NAMES + " resource names subscribed on one stream"));
    }
  }

  private void note(Subscription subscription, Collection<EncodedResource> touched) {
    long now = System.nanoTime();
    synchronized (this) {
      if (subscription.note(touched, now)) {
        notifyAll();
      }
    }
  }

  private void flush() throws InterruptedException {
    for (Subscription subscription : List.copyOf(subscriptions.values())) {
      Set<String> names;
      long since;
      synchronized (this) {
        since = subscription.pendingSince();
        names = subscription.takePending();
      }
      if (!names.isEmpty()) {
        respond(subscription, names, Map.of(), since);
      }
    }
  }

  private void everything(Subscription subscription, Map<String, String> held)
      throws InterruptedException {
    Set<String> names = new java.util.LinkedHashSet<>(held.keySet());
    subscription.table().all().forEach(resource -> names.add(resource.name()));
    answer(subscription, names, held);
  }

  private void answer(Subscription subscription, Set<String> names, Map<String, String> held)
      throws InterruptedException {
    respond(subscription, names, held, 0);
  }

  /// Sends the present state of the names: as resources, or as removed where there is none; what
  /// the client holds in the same version is left out. At least one response goes out.
  private void respond(
      Subscription subscription, Set<String> names, Map<String, String> held, long since)
      throws InterruptedException {
    List<Resource> resources = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    int bytes = 0;
    for (String name : names) {
      EncodedResource resource = subscription.table().get(name);
      if (resource == null) {
        removed.add(name);
      } else if (!resource.version().equals(held.get(name))) {
        if (bytes > 0 && bytes + resource.size() > MAX_RESPONSE_BYTES) {
          send(subscription, resources, List.of(), since);
          resources = new ArrayList<>();
          bytes = 0;
        }
        resources.add(resource.wire());
        bytes += resource.size();
      }
    }
    send(subscription, resources, removed, since);
  }

  private void send(
      Subscription subscription, List<Resource> resources, List<String> removed, long since)
      throws InterruptedException {
    synchronized (this) {
      while (!closed && !out.isReady()) {
        wait();
      }
      if (closed) {
        return;
      }
    }
    String nonce = id + "-" + ++nonces;
    DeltaDiscoveryResponse response =
        DeltaDiscoveryResponse.newBuilder()
            .setSystemVersionInfo(server.version())
            .setTypeUrl(subscription.typeUrl())
            .setNonce(nonce)
            .addAllResources(resources)
            .addAllRemovedResources(removed)
            .build();
    synchronized (this) {
      subscription.sent(nonce);
    }
    out.onNext(response);
    server
        .observer()
        .pushed(
            subscription.typeUrl(),
            response.getSerializedSize(),
            since == 0 ? 0 : System.nanoTime() - since);
    LOG.debug(
        "ADS: {} to {}: {} resources, {} removed",
        subscription.typeUrl(),
        this,
        resources.size(),
        removed.size());
  }

  /// Compares what the client says it is with what it has proven (xds-and-ca.md 4.1).
  private void introduce(Node described) {
    Map<String, Value> metadata = new HashMap<>(described.getMetadata().getFieldsMap());
    node = described.getId().isEmpty() ? "unnamed" : described.getId();
    clientNode = text(metadata, "NODE_NAME");
    String namespace = text(metadata, "NAMESPACE");
    String account = text(metadata, "SERVICE_ACCOUNT");
    String[] parts = described.getId().split("~", -1);
    int dot = parts.length == 4 ? parts[2].lastIndexOf('.') : -1;
    pod = dot < 0 ? node : parts[2].substring(0, dot);
    if (namespace.isEmpty()) {
      namespace = dot < 0 ? "" : parts[2].substring(dot + 1);
    }
    if (!namespace.equals(caller.namespace())
        || !(account.isEmpty() || account.equals(caller.serviceAccount()))) {
      throw new Refusal(
          Status.PERMISSION_DENIED.withDescription(
              "authorization failed: no identities (["
                  + caller.account()
                  + "]) matched "
                  + namespace
                  + "/"
                  + account));
    }
    LOG.info("ADS: new connection for {}", this);
  }

  private static String text(Map<String, Value> metadata, String key) {
    Value value = metadata.get(key);
    return value == null ? "" : value.getStringValue();
  }

  private static String text(Map<String, String> refused) {
    return refused.entrySet().stream()
        .map(e -> e.getKey().isEmpty() ? e.getValue() : e.getKey() + ": " + e.getValue())
        .collect(Collectors.joining("; "));
  }

  /// What the stream looks like, for inspection.
  synchronized Map<String, Object> describe() {
    Map<String, Object> types = new LinkedHashMap<>();
    for (Subscription each : subscriptions.values()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("wildcard", each.wildcard());
      one.put("names", each.names());
      one.put("pending", each.pending());
      one.put("sent_nonce", each.nonce());
      one.put("acknowledged", each.acknowledged());
      one.put("current", each.current());
      if (!each.refused().isEmpty()) {
        one.put("rejected", text(each.refused()));
      }
      types.put(each.typeUrl(), one);
    }
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("id", id);
    description.put("node", node);
    description.put("caller", caller.account());
    description.put("proof", caller.proof().name());
    description.put("types", types);
    return description;
  }

  @Override
  public String toString() {
    return node + " (" + caller.account() + ")";
  }

  /// Ends a stream with a status.
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Status status;

    Refusal(Status status) {
      super(status.toString(), null, false, false);
      this.status = status;
    }
  }
}
