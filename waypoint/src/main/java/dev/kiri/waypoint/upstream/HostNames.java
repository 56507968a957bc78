package dev.kiri.waypoint.upstream;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The addresses of endpoints that have only a name, for the whole process (waypoint reference
/// 15.3). Thread-safe; nothing here blocks.
///
/// A name is asked for when somebody needs it, and again when its time to live is over and somebody
/// needs it then, who is given the last good answer meanwhile. A good answer outlives failures. At
/// most [#MAX_NAMES] are kept, those used last, and [#MAX_ASKED] asked for at a time.
public final class HostNames {
  static final int MAX_NAMES = 4096;
  static final int MAX_ASKED = 256;

  private static final Logger LOG = LoggerFactory.getLogger("dns");
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  /// Upstream's rate behind a failure (mesh configuration, `dnsRefreshRate`); the first times it is
  /// asked sooner.
  private static final Duration LONGEST_AFTER_FAILURE = Duration.ofSeconds(60);

  /// Who knows names.
  public interface Source {
    /// Ends with an answer that has an address, or with a failure whose message says why there is
    /// none. Bounded in time.
    CompletionStage<Resolved> ask(String host);
  }

  /// An answer.
  public record Resolved(List<InetAddress> addresses, Duration ttl) {}

  /// What is known of a name now.
  public sealed interface Lookup {
    record Known(List<InetAddress> addresses) implements Lookup {}

    /// Is being asked for: [HostNames#whenSettled].
    record Pending() implements Lookup {}

    record Failed(String why) implements Lookup {}
  }

  private final Source source;
  private final LongSupplier clock;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();

  public HostNames(Source source) {
    this(source, System::nanoTime);
  }

  /// @param clock nanoseconds
  public HostNames(Source source, LongSupplier clock) {
    this.source = source;
    this.clock = clock;
  }

  /// @param due when it is to be asked again
  private record Answer(
      List<InetAddress> addresses, @Nullable String failure, int failures, long due) {}

  private static final class Entry {
    private final String host;
    private final AtomicReference<@Nullable CompletableFuture<Void>> asking =
        new AtomicReference<>();
    private volatile @Nullable Answer answer;
    private volatile long used;

    Entry(String host) {
      this.host = host;
    }
  }

  /// @param host lower case
  public Lookup lookup(String host) {
    long now = clock.getAsLong();
    Entry entry = entries.get(host);
    if (entry == null) {
      makeRoom();
      entry = entries.computeIfAbsent(host, Entry::new);
    }
    entry.used = now;
    Answer answer = entry.answer;
    boolean tooMany = (answer == null || now - answer.due() >= 0) && !ask(entry);
    if (answer != null && !answer.addresses().isEmpty()) {
      return new Lookup.Known(answer.addresses());
    }
    String failure = answer == null ? null : answer.failure();
    if (tooMany) {
      return new Lookup.Failed("too many names are being asked for");
    }
    return failure == null || entry.asking.get() != null
        ? new Lookup.Pending()
        : new Lookup.Failed(failure);
  }

  /// Runs `then` on `on` when a name that is being asked for has been answered, or not.
  public void whenSettled(String host, Executor on, Runnable then) {
    Entry entry = entries.get(host);
    CompletableFuture<Void> asking = entry == null ? null : entry.asking.get();
    if (asking == null) {
      on.execute(then);
    } else {
      asking.whenComplete((_, _) -> on.execute(then));
    }
  }

  /// False when too many are asked for already.
  private boolean ask(Entry entry) {
    if (entry.asking.get() != null) {
      return true;
    }
    if (asked.get() >= MAX_ASKED) {
      return false;
    }
    CompletableFuture<Void> promise = new CompletableFuture<>();
    if (entry.asking.compareAndSet(null, promise)) {
      asked.incrementAndGet();
      source
          .ask(entry.host)
          .whenComplete(
              (resolved, failed) -> {
                Answer before = entry.answer;
                entry.answer =
                    resolved == null ? failed(entry.host, before, failed) : good(resolved);
                if (resolved != null && before != null && before.failure() != null) {
                  LOG.info("{} is resolved again", entry.host);
                }
                asked.decrementAndGet();
                entry.asking.set(null);
                promise.complete(null);
              });
    }
    return true;
  }

  private Answer good(Resolved resolved) {
    Duration ttl = resolved.ttl();
    Duration bounded =
        ttl.compareTo(SHORTEST) < 0 ? SHORTEST : ttl.compareTo(LONGEST) > 0 ? LONGEST : ttl;
    return new Answer(
        List.copyOf(resolved.addresses()), null, 0, clock.getAsLong() + bounded.toNanos());
  }

  private Answer failed(String host, @Nullable Answer before, Throwable failed) {
    Throwable cause = failed.getCause() == null ? failed : failed.getCause();
    String why = String.valueOf(cause.getMessage());
    int failures = before == null ? 0 : before.failures();
    if (failures == 0) {
      LOG.warn(
          "{} cannot be resolved{}: {}",
          host,
          before == null ? "" : ", its last addresses go on being used",
          why);
    }
    long pause =
        Math.min(SHORTEST.toNanos() << Math.min(failures, 6), LONGEST_AFTER_FAILURE.toNanos());
    return new Answer(
        before == null ? List.of() : before.addresses(),
        why,
        failures + 1,
        clock.getAsLong() + pause);
  }

  private void makeRoom() {
    if (entries.size() < MAX_NAMES) {
      return;
    }
    Entry oldest = null;
    for (Entry entry : entries.values()) {
      if (entry.asking.get() == null && (oldest == null || entry.used - oldest.used < 0)) {
        oldest = entry;
      }
    }
    if (oldest != null) {
      entries.remove(oldest.host, oldest);
    }
  }
}
