package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.source.Acceptance;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.SourceListener;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects of a cluster. A kind that is not installed counts as one without objects, and is looked
/// for again; a kind that may not be read holds the start up, as an index that does not know of
/// policies would let everybody in. One thread tells the listener, at most one change of each
/// object at a time, so a slow listener makes nobody wait and no queue grow beyond the objects
/// there are. Thread-safe.
final class KubernetesSource implements ObjectSource, KindInformer.Listener {
  private static final long LOOK_AGAIN_SECONDS = 30;
  private static final Logger LOG = LoggerFactory.getLogger("source");

  private final KubernetesApi api;
  private final AppliedStatuses statuses;
  private final Acceptance acceptance = new Acceptance();
  private final Map<Kind, KindInformer> informers = new EnumMap<>(Kind.class);
  private final Set<Kind> awaited = EnumSet.allOf(Kind.class);
  private final Map<ObjectKey, List<Problem>> problems = new TreeMap<>();
  private final PendingChanges changes = new PendingChanges();
  private boolean first = true;
  private boolean problemsChanged = true;
  private boolean telling;
  private boolean closed;
  private final Thread teller = Thread.ofVirtual().name("kubernetes-tell").unstarted(this::tell);
  private final Thread finder = Thread.ofVirtual().name("kubernetes-find").unstarted(this::find);
  private @Nullable SourceListener listener;

  KubernetesSource(KubernetesApi api, AppliedStatuses statuses) {
    this.api = api;
    this.statuses = statuses;
  }

  @Override
  public @Nullable MeshObject peek(ObjectKey key) {
    try {
      Map<String, Object> tree = api.find(api.path(key.kind(), key.namespace(), key.name()));
      return !tree.isEmpty()
              && Decoder.decode(tree, new Origin(key.toString(), 1))
                  instanceof Decoded.Accepted(MeshObject object, var _)
          ? object
          : null;
    } catch (IOException e) {
      LOG.warn("{} cannot be read at the start: {}", key, e.getMessage());
      return null;
    }
  }

  /// Returns when the first batch was told.
  @Override
  public void start(SourceListener to) {
    listener = to;
    finder.start();
    teller.start();
    awaitTold(true);
  }

  @Override
  public void catchUp() {
    awaitTold(false);
  }

  private synchronized void awaitTold(boolean first) {
    try {
      while (!closed && ((first && !awaited.isEmpty()) || telling || !changes.isEmpty())) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while objects were read", e);
    }
  }

  /// Starts the informers, those of missing kinds when they appear.
  private void find() {
    try {
      while (true) {
        for (Kind kind : Kind.values()) {
          if (!started(kind)) {
            look(kind);
          }
        }
        TimeUnit.SECONDS.sleep(ready() ? LOOK_AGAIN_SECONDS : 1);
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer looking for kinds");
    }
  }

  private synchronized boolean started(Kind kind) {
    return informers.containsKey(kind);
  }

  private synchronized boolean ready() {
    return awaited.isEmpty();
  }

  private void look(Kind kind) {
    try {
      var served = api.served(kind);
      if (served.isEmpty()) {
        missing(kind);
      } else {
        begin(new KindInformer(api, kind, served.get(), this), kind);
      }
    } catch (IOException e) {
      LOG.warn("asking for {}: {}", kind.kindName(), e.getMessage());
    }
  }

  private synchronized void missing(Kind kind) {
    if (awaited.remove(kind)) {
      LOG.warn("{} is not installed in the cluster: none are read", kind.kindName());
      notifyAll();
    }
  }

  private synchronized void begin(KindInformer informer, Kind kind) {
    if (closed) {
      informer.close();
    } else {
      informers.put(kind, informer);
      informer.start();
    }
  }

  @Override
  public void present(ObjectKey key, GenericKubernetesResource object) {
    statuses.put(key, Trees.appliedStatus(object, KubernetesWriter.MANAGER));
    Acceptance.Verdict verdict =
        acceptance.take(key, Trees.of(object), new Origin(key.toString(), 1));
    verdict.problems().forEach(problem -> LOG.warn("{}", problem.message()));
    synchronized (this) {
      verdict.change().ifPresent(changes::add);
      note(key, verdict.problems());
      notifyAll();
    }
  }

  @Override
  public void gone(ObjectKey key) {
    statuses.put(key, Map.of());
    var change = acceptance.gone(key);
    synchronized (this) {
      change.ifPresent(changes::add);
      note(key, List.of());
      notifyAll();
    }
  }

  @Override
  public synchronized void listed(Kind kind) {
    if (awaited.remove(kind)) {
      LOG.debug("{} listed, {} kinds to come", kind.kindName(), awaited.size());
      notifyAll();
    }
  }

  private void note(ObjectKey key, List<Problem> found) {
    List<Problem> before = found.isEmpty() ? problems.remove(key) : problems.put(key, found);
    problemsChanged |= !found.equals(before == null ? List.of() : before);
  }

  private void tell() {
    SourceListener to = Objects.requireNonNull(listener);
    try {
      while (true) {
        Batch batch = take();
        if (batch.problems() != null) {
          to.problems(batch.problems());
        }
        to.changed(batch.changes());
        told();
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer telling");
    }
  }

  private record Batch(List<ObjectChange> changes, @Nullable List<Problem> problems) {}

  private synchronized Batch take() throws InterruptedException {
    while (!awaited.isEmpty() || (changes.isEmpty() && !first)) {
      wait();
    }
    first = false;
    telling = true;
    List<Problem> now = null;
    if (problemsChanged) {
      now =
          problems.values().stream()
              .flatMap(List::stream)
              .sorted(Comparator.comparing(Problem::origin).thenComparing(Problem::field))
              .toList();
      problemsChanged = false;
    }
    return new Batch(changes.take(), now);
  }

  private synchronized void told() {
    telling = false;
    notifyAll();
  }

  @Override
  public void close() {
    finder.interrupt();
    teller.interrupt();
    synchronized (this) {
      closed = true;
      informers.values().forEach(KindInformer::close);
      notifyAll();
    }
  }
}
