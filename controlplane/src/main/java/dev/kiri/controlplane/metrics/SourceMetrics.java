package dev.kiri.controlplane.metrics;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.source.ObjectChange;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// What comes from the object source, and what becomes of it in the index.
public final class SourceMetrics {
  private static final String TYPE = "type";

  /// What upstream takes from its service registry; all else is configuration to it.
  private static final Set<Kind> REGISTRY =
      EnumSet.of(Kind.NAMESPACE, Kind.NODE, Kind.POD, Kind.SERVICE, Kind.ENDPOINT_SLICE);

  private final Counter triggers;
  private final Counter events;
  private final Counter configEvents;
  private final Counter inbound;
  private final Counter valid;
  private final Counter invalid;
  private final Histogram debounce;
  private final Histogram indexing;
  private final Gauge services;

  SourceMetrics(Families families, Counter triggers) {
    this.triggers = triggers;
    events =
        families.counter(
            "pilot_k8s_reg_events", "Events of workloads and services.", TYPE, "event");
    configEvents =
        families.counter("pilot_k8s_cfg_events", "Events of configuration.", TYPE, "event");
    inbound = families.counter("pilot_inbound_updates", "Updates received.", TYPE);
    valid =
        families.counter(
            "galley_validation_passed",
            "Objects of configuration that were taken in.",
            "group",
            "version",
            "resource");
    invalid =
        families.counter(
            "galley_validation_failed",
            "Objects of configuration that were refused.",
            "group",
            "version",
            "resource",
            "reason");
    debounce = families.seconds("pilot_debounce_time", "Seconds that changes wait for the index.");
    indexing =
        families.seconds(
            "pilot_pushcontext_init_seconds", "Seconds to take a batch of changes into the index.");
    services = families.gauge("pilot_services", "Services known to the control plane.");
  }

  /// A batch is in the index.
  ///
  /// @param waited nanoseconds before its turn
  /// @param taken nanoseconds that it took
  public void applied(List<ObjectChange> changes, long waited, long taken) {
    debounce.observe(Families.seconds(waited));
    indexing.observe(Families.seconds(taken));
    Set<String> by = new TreeSet<>();
    for (ObjectChange change : changes) {
      Kind kind = change.key().kind();
      by.add(trigger(kind));
      String event =
          switch (change) {
            case ObjectChange.Put _ -> "update";
            case ObjectChange.Refused _ -> "refused";
            case ObjectChange.Gone _ -> "delete";
          };
      (REGISTRY.contains(kind) ? events : configEvents).labelValues(kind.kindName(), event).inc();
      inbound.labelValues(update(kind, change instanceof ObjectChange.Gone)).inc();
      if (!REGISTRY.contains(kind)) {
        judged(kind, change);
      }
    }
    by.forEach(trigger -> triggers.labelValues(trigger).inc());
  }

  /// Upstream counts this at its webhook; objects are validated where they are read here.
  private void judged(Kind kind, ObjectChange change) {
    String resource = kind.kindName().toLowerCase(Locale.ROOT);
    switch (change) {
      case ObjectChange.Put _ -> valid.labelValues(kind.group(), kind.version(), resource).inc();
      case ObjectChange.Refused _ ->
          invalid.labelValues(kind.group(), kind.version(), resource, "invalid_resource").inc();
      case ObjectChange.Gone _ -> {
        // nothing to judge
      }
    }
  }

  private static String update(Kind kind, boolean gone) {
    return switch (kind) {
      case SERVICE -> gone ? "svcdelete" : "svc";
      case POD, NODE, ENDPOINT_SLICE -> "eds";
      default -> "config";
    };
  }

  private static String trigger(Kind kind) {
    return switch (kind) {
      case SERVICE -> "service";
      case POD, NODE, ENDPOINT_SLICE -> "endpoint";
      case NAMESPACE -> "namespace";
      case CONFIG_MAP -> "global";
      default -> "config";
    };
  }

  /// How many Services there are now.
  public void services(int number) {
    services.set(number);
  }
}
