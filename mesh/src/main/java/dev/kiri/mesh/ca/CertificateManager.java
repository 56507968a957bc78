package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.ca.CertificateStatus.State;
import dev.kiri.mesh.store.MeshStore.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a valid certificate for each identity in use. Thread-safe; nothing here blocks the
/// caller.
///
/// Certificates are asked for on virtual threads, a bounded number at once, the most urgent first,
/// and renewed at half of their life. One that is still valid is kept when its renewal fails. What
/// happens when is decided by [CertificateSchedule]; this class adds the threads.
public final class CertificateManager implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateManager.class);

  /// The clock may jump, or stand still while a machine sleeps: it is looked at at least this
  /// often.
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

  private static final Duration SHORTEST_SLEEP = Duration.ofMillis(1);

  private final CertificateSource source;
  private final InstantSource clock;
  private final CertificateSchedule schedule;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// Those whom the first certificate of an identity is promised. Guarded by the lock.
  private final Map<SpiffeId, CompletableFuture<WorkloadCertificate>> waiting = new HashMap<>();

  private final Map<SpiffeId, WorkloadCertificate> current = new ConcurrentHashMap<>();
  private final List<Consumer<WorkloadCertificate>> listeners = new CopyOnWriteArrayList<>();
  private boolean closed;

  public CertificateManager(CertificateSource source) {
    this(source, CertificateSettings.DEFAULT, InstantSource.system());
  }

  public CertificateManager(
      CertificateSource source, CertificateSettings settings, InstantSource clock) {
    this.source = source;
    this.clock = clock;
    this.schedule = new CertificateSchedule(settings, RandomGenerator.getDefault());
    Thread.ofVirtual().name("certificates").start(this::dispatch);
  }

  /// The certificate of an identity that a connection waits for.
  public CompletableFuture<WorkloadCertificate> request(SpiffeId identity) {
    return request(identity, CertificatePriority.REAL_TIME);
  }

  /// The certificate of an identity: at once if there is one; failed at once with
  /// [CertificateRefused] if the last try failed and there is none; otherwise when the first
  /// request for it is answered.
  public CompletableFuture<WorkloadCertificate> request(
      SpiffeId identity, CertificatePriority priority) {
    var known = current.get(identity);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(new CertificateRefused("shutting down"));
      }
      return switch (schedule.request(identity, priority, clock.instant())) {
        case State.Available(var certificate) -> CompletableFuture.completedFuture(certificate);
        case State.Unavailable(var error) -> {
          changed.signal();
          yield CompletableFuture.failedFuture(new CertificateRefused(error));
        }
        case State.Initializing _ -> {
          changed.signal();
          yield waiting.computeIfAbsent(identity, _ -> new CompletableFuture<>()).copy();
        }
      };
    } finally {
      lock.unlock();
    }
  }

  /// What is there now, without waiting or asking; takes no lock.
  public @Nullable WorkloadCertificate current(SpiffeId identity) {
    return current.get(identity);
  }

  /// Calls the listener with every new certificate, on the thread that got it.
  public Subscription onChange(Consumer<WorkloadCertificate> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /// All identities, by name.
  public List<CertificateStatus> states() {
    lock.lock();
    try {
      return schedule.states();
    } finally {
      lock.unlock();
    }
  }

  /// Forgets an identity that is no longer needed; those who wait for it are told.
  public void release(SpiffeId identity) {
    CompletableFuture<WorkloadCertificate> abandoned;
    lock.lock();
    try {
      schedule.release(identity);
      current.remove(identity);
      abandoned = waiting.remove(identity);
    } finally {
      lock.unlock();
    }
    if (abandoned != null) {
      abandoned.completeExceptionally(new CertificateRefused("the identity is no longer needed"));
    }
  }

  private void dispatch() {
    lock.lock();
    try {
      while (!closed) {
        var identity = schedule.start(clock.instant());
        if (identity != null) {
          Thread.ofVirtual().name("certificate-", 0).start(() -> fetch(identity));
        } else {
          changed.await(sleep(schedule.nextDue()).toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private Duration sleep(@Nullable Instant due) {
    var wait = due == null ? LONGEST_SLEEP : Duration.between(clock.instant(), due);
    var positive = wait.compareTo(SHORTEST_SLEEP) < 0 ? SHORTEST_SLEEP : wait;
    return positive.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : positive;
  }

  private void fetch(SpiffeId identity) {
    try {
      issued(identity, source.fetch(identity));
    } catch (CertificateRefused refused) {
      refused(identity, String.valueOf(refused.getMessage()));
    } catch (InterruptedException _) {
      refused(identity, "interrupted");
    } catch (RuntimeException broken) {
      log.error("asking for the certificate of {} failed unexpectedly", identity, broken);
      refused(identity, "internal error: " + broken);
    }
  }

  private void issued(SpiffeId identity, WorkloadCertificate certificate) {
    CompletableFuture<WorkloadCertificate> promised;
    lock.lock();
    try {
      boolean wanted = !closed && schedule.issued(identity, certificate, clock.instant());
      changed.signal();
      if (!wanted) {
        return;
      }
      current.put(identity, certificate);
      promised = waiting.remove(identity);
    } finally {
      lock.unlock();
    }
    if (promised != null) {
      promised.complete(certificate);
    }
    for (var listener : listeners) {
      try {
        listener.accept(certificate);
      } catch (RuntimeException broken) {
        log.error("a listener failed on a new certificate of {}", identity, broken);
      }
    }
  }

  private void refused(SpiffeId identity, String error) {
    CompletableFuture<WorkloadCertificate> promised = null;
    lock.lock();
    try {
      var now = clock.instant();
      var status = schedule.refused(identity, error, now);
      changed.signal();
      if (status == null) {
        return;
      }
      report(status, error, now);
      if (status.state() instanceof State.Unavailable) {
        current.remove(identity);
        promised = waiting.remove(identity);
      }
    } finally {
      lock.unlock();
    }
    if (promised != null) {
      promised.completeExceptionally(new CertificateRefused(error));
    }
  }

  private void report(CertificateStatus status, String error, Instant now) {
    switch (status.state()) {
      case State.Available(var certificate) ->
          log.warn(
              "certificate renewal failed ({}); retaining existing valid certificate until {};"
                  + " next retry at {} identity={}",
              error,
              certificate.notAfter(),
              status.nextAttempt(),
              status.identity());
      case State.Unavailable _, State.Initializing _ ->
          log.warn(
              "certificate fetch failed ({}) and no valid existing certificate; will retry in {} ms"
                  + " (backoff capped at 150s) identity={}",
              error,
              status.nextAttempt() == null
                  ? 0
                  : Duration.between(now, status.nextAttempt()).toMillis(),
              status.identity());
    }
  }

  /// Stops asking. Those who wait are told; requests under way are left to end by themselves,
  /// and what they bring is dropped.
  @Override
  public void close() {
    List<CompletableFuture<WorkloadCertificate>> abandoned;
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      abandoned = List.copyOf(waiting.values());
      waiting.clear();
    } finally {
      lock.unlock();
    }
    abandoned.forEach(it -> it.completeExceptionally(new CertificateRefused("shutting down")));
  }
}
