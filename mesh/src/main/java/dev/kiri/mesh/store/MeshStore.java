package dev.kiri.mesh.store;

import dev.kiri.mesh.store.MeshUpdate.PutPolicy;
import dev.kiri.mesh.store.MeshUpdate.PutService;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.store.MeshUpdate.RemoveAddress;
import dev.kiri.mesh.store.MeshUpdate.RemovePolicy;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the current snapshot of the mesh. Thread-safe; reading never waits.
public final class MeshStore {
  private static final Logger log = LoggerFactory.getLogger(MeshStore.class);

  private final ReentrantLock writing = new ReentrantLock();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private volatile MeshSnapshot current;

  /// A store that counts every workload as the own node's.
  public MeshStore() {
    this(null);
  }

  /// @param node the name of the own node, for [MeshSnapshot#findLocal]; null: every workload is
  ///     local
  public MeshStore(@Nullable String node) {
    current = MeshSnapshot.empty(node);
  }

  public MeshSnapshot current() {
    return current;
  }

  /// Calls the listener after every batch that changed something, on the thread that applied it,
  /// one batch at a time. It must neither block nor apply. Closing ends it.
  public Subscription onChange(Consumer<Change> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /// Ends a registration; never fails.
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /// Applies a batch in its order and swaps the snapshot once.
  public Change apply(List<MeshUpdate> batch) {
    writing.lock();
    try {
      var change = changed(current, batch);
      if (!change.isEmpty()) {
        current = change.after();
        tell(change);
      }
      return change;
    } finally {
      writing.unlock();
    }
  }

  private static Change changed(MeshSnapshot before, List<MeshUpdate> batch) {
    var editor = before.edit();
    var workloads = new HashSet<String>();
    var policies = new HashSet<String>();
    for (var update : batch) {
      switch (update) {
        case PutWorkload(var workload) -> {
          editor.services.moved(editor.workloads.put(workload), workload);
          workloads.add(workload.uid());
        }
        case PutService(var service) -> editor.services.put(service);
        case PutPolicy(var policy) -> {
          editor.policies.put(policy);
          policies.add(policy.key());
        }
        case RemoveAddress(var name) -> remove(editor, name, workloads);
        case RemovePolicy(var key) -> {
          if (editor.policies.remove(key)) {
            policies.add(key);
          }
        }
      }
    }
    var after = editor.done();
    return new Change(before, after, workloads, editor.services.touched(), policies);
  }

  private static void remove(MeshSnapshot.Editor editor, String name, Set<String> workloads) {
    var gone = editor.workloads.remove(name);
    if (gone != null) {
      editor.services.moved(gone, null);
      workloads.add(name);
      return;
    }
    ServiceKey.parse(name)
        .filter(key -> key.hostname().indexOf('/') < 0)
        .ifPresent(editor.services::remove);
  }

  private void tell(Change change) {
    for (var listener : listeners) {
      try {
        listener.accept(change);
      } catch (RuntimeException broken) {
        log.error("a listener failed on a change of the mesh", broken);
      }
    }
  }

  /// The own node's workload for a pod known by other means, as soon as it is known.
  ///
  /// Fails with a [TimeoutException] in upstream's words when the limit has passed.
  public CompletableFuture<Workload> awaitLocal(
      String name, String namespace, String serviceAccount, Duration limit) {
    var found = new CompletableFuture<Workload>();
    Consumer<MeshSnapshot> look =
        snapshot -> {
          var workload = snapshot.findLocal(name, namespace, serviceAccount);
          if (workload != null) {
            found.complete(workload);
          }
        };
    var subscription = onChange(change -> look.accept(change.after()));
    look.accept(current);
    var text =
        "timed out waiting for workload '%s.%s (%s)' from xds"
            .formatted(serviceAccount, namespace, name);
    return found
        .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> subscription.close())
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    failure instanceof TimeoutException
                            || failure.getCause() instanceof TimeoutException
                        ? new TimeoutException(text)
                        : failure));
  }
}
