package dev.kiri.controlplane.xds;

import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.xds.ResourceTable.Watcher;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's stream. gRPC's threads put a request down, tables put names down; one virtual
/// thread takes them up and writes, whenever the transport is ready for more. At most one request
/// waits; changes are a set of names per type, so a client that reads slowly costs no more than
/// that.
final class ClientStream implements StreamObserver<DeltaDiscoveryRequest> {
  /// Names one client may subscribe to by name, over all types.
  static final int MAX_NAMES = 100_000;

  /// Types one client may ask for.
  static final int MAX_TYPES = 16;

  private static final Logger LOG = LoggerFactory.getLogger("ads");

  private final long id;
  private final Caller caller;
  private final DiscoveryServer server;
  private final ServerCallStreamObserver<DeltaDiscoveryResponse> out;
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private final List<Runnable> unwatch = new ArrayList<>();
  private @Nullable DeltaDiscoveryRequest request;
  private boolean asked;
  private boolean closed;
  private ClientNode node = ClientNode.UNKNOWN;
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
      for (int i = 0; i < Admission.MESSAGES; i++) {
        send(admitted());
      }
      while (step()) {
        // one request or one round of changes a step
      }
      out.onCompleted();
    } catch (StreamRefused refusal) {
      LOG.warn("stream {} of {} refused: {}", id, caller, refusal.status().getDescription());
      out.onError(refusal.status().asRuntimeException());
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
      if (!node.equals(ClientNode.UNKNOWN)) {
        server.observer().disconnected(node.version());
      }
      LOG.info("ADS: {} terminated", this);
    }
  }

  /// Takes one of the first messages, if it comes soon; another one may follow then. What it leads
  /// to is sent without a permit, at the client's pace.
  private @Nullable Answer admitted() throws InterruptedException {
    server.admission().acquire();
    try {
      ask();
      DeltaDiscoveryRequest taken;
      long until = System.nanoTime() + Admission.SILENCE_NANOS;
      synchronized (this) {
        while (!closed && request == null && System.nanoTime() < until) {
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, until - System.nanoTime()));
        }
        taken = take();
      }
      return taken == null ? null : handle(taken);
    } finally {
      server.admission().release();
    }
  }

  private boolean step() throws InterruptedException {
    DeltaDiscoveryRequest taken;
    ask();
    synchronized (this) {
      while (!closed && request == null && !(out.isReady() && anyPending())) {
        wait();
      }
      if (closed) {
        return false;
      }
      taken = take();
    }
    if (taken != null) {
      send(handle(taken));
    } else {
      flush();
    }
    return true;
  }

  /// Asks for the next message, unless one was asked for that has not been taken.
  private void ask() {
    if (!asked) {
      asked = true;
      out.request(1);
    }
  }

  /// The message that has come, or null. Under the lock.
  private @Nullable DeltaDiscoveryRequest take() {
    DeltaDiscoveryRequest taken = request;
    request = null;
    if (taken != null) {
      asked = false;
    }
    return taken;
  }

  private boolean anyPending() {
    return subscriptions.values().stream().anyMatch(Subscription::hasPending);
  }

  /// What a message is answered with; null for nothing.
  private @Nullable Answer handle(DeltaDiscoveryRequest message) {
    if (node.equals(ClientNode.UNKNOWN)) {
      node = ClientNode.introduced(message.getNode(), caller);
      server.observer().connected(node.version());
      LOG.info("ADS: new connection for {}", this);
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
      return null;
    }
    if (subscription == null) {
      return first(type, message);
    }
    if (!message.getResponseNonce().isEmpty()) {
      if (!message.getResponseNonce().equals(subscription.nonce())) {
        server.observer().staleNonce(type);
        return null;
      }
      synchronized (this) {
        subscription.acknowledge(message.getResponseNonce());
      }
      tellRefusals(subscription);
    }
    return changed(subscription, message);
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
                  refusals.put(name, new Refusals.Refusal(caller.namespace(), node.pod(), reason)));
      server.refusals().put(id, subscription.typeUrl(), refusals);
    }
  }

  private @Nullable Answer first(String type, DeltaDiscoveryRequest message) {
    if (subscriptions.size() == MAX_TYPES) {
      throw new StreamRefused(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "more than " + MAX_TYPES + " types asked for on one stream"));
    }
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
    OlderClient older = server.olderClient(type, node.schema());
    if (older != null) {
      LOG.warn("ADS: {} knows only revision {} of {}; restart it", this, node.schema(), type);
    }
    Subscription subscription = new Subscription(type, table, node.node(), wildcard, older);
    Watcher watcher = touched -> note(subscription, touched);
    synchronized (this) {
      subscriptions.put(type, subscription);
    }
    table.watch(watcher);
    ResourceTable watched = table;
    unwatch.add(() -> watched.unwatch(watcher));
    Map<String, String> held = message.getInitialResourceVersionsMap();
    if (!server.serves(type)) {
      return null; // an empty answer would tell the client that it knows everything
    }
    if (wildcard) {
      return everything(subscription, held);
    }
    Set<String> names;
    synchronized (this) {
      names = subscription.subscribe(wanted);
    }
    return some(subscription, names, held);
  }

  private @Nullable Answer changed(Subscription subscription, DeltaDiscoveryRequest message) {
    List<String> wanted = message.getResourceNamesSubscribeList();
    List<String> unwanted = message.getResourceNamesUnsubscribeList();
    if (wanted.isEmpty() && unwanted.isEmpty()) {
      return null;
    }
    if (subscription.wildcard()) {
      return everything(subscription, Map.of());
    }
    checkNames(wanted.size());
    Set<String> names;
    synchronized (this) {
      subscription.unsubscribe(unwanted);
      names = wanted.isEmpty() ? Set.of() : subscription.subscribe(wanted);
    }
    return wanted.isEmpty() ? null : some(subscription, names, Map.of());
  }

  private void checkNames(int more) {
    int sum = more;
    for (Subscription each : subscriptions.values()) {
      sum += each.names();
    }
    if (sum > MAX_NAMES) {
      throw new StreamRefused(
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
        long now = System.nanoTime();
        server.observer().queued(now - since);
        send(subscription, Cut.of(subscription.table(), names, Map.of()), since, now);
      }
    }
  }

  private Answer everything(Subscription subscription, Map<String, String> held) {
    return answer(subscription, () -> Cut.ofAll(subscription.table(), held));
  }

  private Answer some(Subscription subscription, Set<String> names, Map<String, String> held) {
    return answer(subscription, () -> Cut.of(subscription.table(), names, held));
  }

  private Answer answer(Subscription subscription, Supplier<List<Cut>> cuts) {
    server.observer().asked(subscription.typeUrl());
    long began = System.nanoTime();
    return new Answer(subscription, cuts.get(), began);
  }

  /// What a client is told for its question: the present state of names, collected since then.
  private record Answer(Subscription subscription, List<Cut> cuts, long began) {}

  private void send(@Nullable Answer answer) throws InterruptedException {
    if (answer != null) {
      send(answer.subscription(), answer.cuts(), 0, answer.began());
    }
  }

  private void send(Subscription subscription, List<Cut> cuts, long since, long began)
      throws InterruptedException {
    for (Cut cut : cuts) {
      send(subscription, cut, since);
    }
    server.observer().pushed(subscription.typeUrl(), System.nanoTime() - began);
  }

  private void send(Subscription subscription, Cut cut, long since) throws InterruptedException {
    long began = System.nanoTime();
    synchronized (this) {
      while (!closed && !out.isReady()) {
        wait();
      }
      if (closed) {
        return;
      }
    }
    String nonce = id + "-" + ++nonces;
    List<Resource> understood;
    synchronized (this) {
      understood = subscription.understood(cut.resources());
    }
    tellRefusals(subscription);
    DeltaDiscoveryResponse response =
        DeltaDiscoveryResponse.newBuilder()
            .setSystemVersionInfo(server.version())
            .setTypeUrl(subscription.typeUrl())
            .setNonce(nonce)
            .addAllResources(understood)
            .addAllRemovedResources(cut.removed())
            .build();
    synchronized (this) {
      subscription.sent(nonce);
    }
    out.onNext(response);
    long now = System.nanoTime();
    server
        .observer()
        .sent(
            subscription.typeUrl(),
            response.getSerializedSize(),
            now - began,
            since == 0 ? 0 : now - since);
    LOG.debug(
        "ADS: {} to {}: {} resources, {} removed",
        subscription.typeUrl(),
        this,
        cut.resources().size(),
        cut.removed().size());
  }

  /// What the stream looks like, for inspection.
  synchronized Map<String, Object> describe() {
    Map<String, Object> types = new LinkedHashMap<>();
    for (Subscription each : subscriptions.values()) {
      types.put(each.typeUrl(), each.describe());
    }
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("id", id);
    description.put("node", node.id());
    description.put("caller", caller.account());
    description.put("proof", caller.proof().name());
    if (node.schema() > 0) {
      description.put("schema", node.schema());
    }
    description.put("types", types);
    return description;
  }

  @Override
  public String toString() {
    return node.id() + " (" + caller.account() + ")";
  }
}
