package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.ca.CertificateStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What is known of each identity's certificate, and which is to be asked for next. No threads, no
/// clock: the caller says what time it is, and guards it with its lock.
///
/// | state | event | next state | next try |
/// |---|---|---|---|
/// | - | requested | Initializing | now |
/// | Initializing | requested with higher priority | Initializing | now, ahead of lower ones |
/// | any | issued | Available | at half of the certificate's life |
/// | Available, still valid | refused | Available | after a pause, at the latest when it expires |
/// | otherwise | refused | Unavailable | after a pause |
/// | Unavailable | requested by a connection | Unavailable | now, if the last try is not recent |
/// | any | released | - | a result under way is dropped, unless requested again |
final class CertificateSchedule {
  /// A renewal is never tried sooner, whatever the dates of a certificate say.
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

  private final CertificateSettings settings;
  private final RandomGenerator random;
  private final Map<SpiffeId, Entry> entries = new HashMap<>();
  private int underWay;

  private static final class Entry {
    final SpiffeId identity;
    State state;
    CertificatePriority priority;
    Instant due;
    Instant tried = Instant.MIN;
    Retry retry = Retry.NONE;
    boolean underWay;
    boolean released;

    Entry(SpiffeId identity, CertificatePriority priority, Instant due) {
      this.identity = identity;
      this.priority = priority;
      this.due = due;
      this.state = new State.Initializing(priority);
    }
  }

  CertificateSchedule(CertificateSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.random = random;
  }

  /// Registers a wish for a certificate and says how things stand.
  State request(SpiffeId identity, CertificatePriority priority, Instant now) {
    var entry = entries.get(identity);
    if (entry == null) {
      entry = new Entry(identity, priority, now);
      entries.put(identity, entry);
      return entry.state;
    }
    if (entry.released) {
      entry.released = false;
      entry.state = new State.Initializing(priority);
    }
    switch (entry.state) {
      case State.Initializing(var known) -> {
        if (priority.compareTo(known) > 0) {
          entry.state = new State.Initializing(priority);
          entry.priority = priority;
        }
      }
      case State.Unavailable _ -> hurry(entry, priority, now);
      case State.Available _ -> {}
    }
    return entry.state;
  }

  private void hurry(Entry entry, CertificatePriority priority, Instant now) {
    if (priority == CertificatePriority.REAL_TIME
        && !entry.underWay
        && !entry.tried.plus(settings.impatience()).isAfter(now)) {
      entry.priority = priority;
      entry.due = now;
    }
  }

  /// The identity to ask for now, marked as under way; null if none is due or enough are under
  /// way.
  @Nullable SpiffeId start(Instant now) {
    if (underWay >= settings.concurrency()) {
      return null;
    }
    var next =
        entries.values().stream()
            .filter(entry -> !entry.underWay && !entry.due.isAfter(now))
            .max(
                Comparator.comparing((Entry entry) -> entry.priority)
                    .thenComparing(entry -> entry.due, Comparator.reverseOrder()));
    if (next.isEmpty()) {
      return null;
    }
    var entry = next.get();
    entry.underWay = true;
    entry.tried = now;
    underWay++;
    return entry.identity;
  }

  /// When [#start] may next have something; null if only a result or a request can change that.
  @Nullable Instant nextDue() {
    if (underWay >= settings.concurrency()) {
      return null;
    }
    return entries.values().stream()
        .filter(entry -> !entry.underWay)
        .map(entry -> entry.due)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /// A certificate came; whether it is still wanted.
  boolean issued(SpiffeId identity, WorkloadCertificate certificate, Instant now) {
    var entry = finished(identity);
    if (entry == null) {
      return false;
    }
    entry.state = new State.Available(certificate);
    entry.retry = Retry.NONE;
    entry.priority = CertificatePriority.BACKGROUND;
    entry.due = renewal(certificate, now);
    return true;
  }

  private Instant renewal(WorkloadCertificate certificate, Instant now) {
    var from = certificate.notBefore();
    var to = certificate.notAfter();
    var life = Duration.between(from, to);
    double share = 0.5 - settings.earlier() * random.nextDouble();
    var half = life.isNegative() ? to : from.plusMillis((long) (life.toMillis() * share));
    var soonest = now.plus(SHORTEST_WAIT);
    return half.isBefore(soonest) ? soonest : half;
  }

  /// No certificate came. How things stand now, and when the next try is; null if it is not wanted
  /// any more.
  @Nullable CertificateStatus refused(SpiffeId identity, String error, Instant now) {
    var entry = finished(identity);
    if (entry == null) {
      return null;
    }
    entry.retry = entry.retry.failed(now);
    entry.priority = CertificatePriority.BACKGROUND;
    entry.due = now.plus(entry.retry.pause(now, settings, random));
    if (entry.state instanceof State.Available(var certificate)
        && certificate.notAfter().isAfter(now)) {
      entry.due = entry.due.isAfter(certificate.notAfter()) ? certificate.notAfter() : entry.due;
    } else {
      entry.state = new State.Unavailable(error);
    }
    return status(entry);
  }

  private @Nullable Entry finished(SpiffeId identity) {
    var entry = entries.get(identity);
    if (entry == null || !entry.underWay) {
      throw new IllegalStateException("no request under way for " + identity);
    }
    underWay--;
    entry.underWay = false;
    if (entry.released) {
      entries.remove(identity);
      return null;
    }
    return entry;
  }

  /// The identity is not needed any more.
  void release(SpiffeId identity) {
    var entry = entries.get(identity);
    if (entry == null) {
      return;
    }
    if (entry.underWay) {
      entry.released = true;
    } else {
      entries.remove(identity);
    }
  }

  /// All identities, by name.
  List<CertificateStatus> states() {
    return entries.values().stream()
        .filter(entry -> !entry.released)
        .map(CertificateSchedule::status)
        .sorted(Comparator.comparing(status -> status.identity().uri()))
        .toList();
  }

  private static CertificateStatus status(Entry entry) {
    return new CertificateStatus(entry.identity, entry.state, entry.underWay ? null : entry.due);
  }
}
