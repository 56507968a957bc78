package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries decisions out, step by step, each of which may be repeated. One pod's calls come one
/// after another, on platform threads; different pods' may come side by side.
final class Enrolment {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final PodSource pods;
  private final NetnsSource namespaces;
  private final NetnsCache cache;
  private final Capture capture;
  private final boolean dnsByDefault;

  Enrolment(
      PodSource pods,
      NetnsSource namespaces,
      NetnsCache cache,
      Capture capture,
      boolean dnsByDefault) {
    this.pods = pods;
    this.namespaces = namespaces;
    this.cache = cache;
    this.capture = capture;
    this.dnsByDefault = dnsByDefault;
  }

  Outcome carryOut(Pod pod, EnrolmentDecision decision) {
    if (!decision.probes().isEmpty()) {
      var failed = exempt(decision.probes(), pod.uid());
      if (failed != null) {
        return failed;
      }
    }
    return switch (decision.step()) {
      case EnrolmentDecision.Step.Nothing(var reason) -> {
        LOG.debug("pod {}: nothing to do, {}", pod, reason);
        yield new Outcome.Done();
      }
      case EnrolmentDecision.Step.Add(var now) -> add(now, null);
      case EnrolmentDecision.Step.Verify(var now) -> verify(now);
      case EnrolmentDecision.Step.Remove(var was, var gone) -> remove(was, gone);
    };
  }

  /// Puts a pod into the mesh.
  ///
  /// @param given its namespace where the caller knows it; taken over. Null to look for it
  Outcome add(Pod pod, @Nullable PodNetns given) {
    log(pod).log("adding pod to the mesh");
    cache.ensure(pod.uid(), pod.workload());
    try {
      var found = given != null ? given : namespaces.find(pod);
      if (found != null) {
        cache.put(pod.uid(), found);
      }
    } catch (IOException failed) {
      cache.remove(pod.uid());
      return new Outcome.TryAgain("finding its network namespace: " + failed.getMessage());
    }
    try (var netns = cache.share(pod.uid())) {
      if (netns == null) {
        cache.remove(pod.uid());
        return new Outcome.TryAgain(
            "can't find netns for pod, this is ok if this is a newly created pod");
      }
      return add(pod, pod.ips(), netns);
    } catch (IOException failed) {
      return new Outcome.TryAgain("sharing its network namespace: " + failed.getMessage());
    }
  }

  private Outcome add(Pod pod, List<InetAddress> ips, PodNetns netns) {
    var overrides = PodOverrides.of(pod.annotations(), dnsByDefault);
    overrides.warnings().forEach(warning -> LOG.warn("pod {}: {}", pod, warning));
    try {
      capture.rules().apply(netns, overrides.capture());
    } catch (IOException failed) {
      cache.remove(pod.uid());
      // Upstream gives up here; but a pod whose loopback interface is not up yet needs a moment
      // only.
      return new Outcome.TryAgain("applying its rules: " + failed.getMessage());
    }
    try {
      log(pod).log("sending pod add to ztunnel");
      capture.ztunnel().add(pod.uid(), pod.workload(), netns);
    } catch (IOException failed) {
      annotate(pod, Redirection.PENDING);
      return new Outcome.TryAgain("telling ztunnel: " + failed.getMessage());
    }
    var failed = exempt(ips, pod.uid());
    if (failed != null) {
      return failed;
    }
    var unwritten = annotate(pod, Redirection.ENABLED);
    return unwritten == null ? new Outcome.Done() : unwritten;
  }

  /// Restores what is missing of an enrolled pod: it enters anew when its namespace was replaced or
  /// found at last, and gets its rules back when they were taken.
  private Outcome verify(Pod pod) {
    try {
      var found = namespaces.find(pod);
      if (found == null) {
        return new Outcome.Done();
      }
      if (!cache.holds(pod.uid(), found.id())) {
        LOG.warn("pod {}: its network namespace is {} now, enrolling it again", pod, found.id());
        return add(pod, found);
      }
      try (found) {
        var overrides = PodOverrides.of(pod.annotations(), dnsByDefault);
        if (capture.rules().apply(found, overrides.capture())) {
          LOG.warn("pod {}: rules were missing or outdated and are in place again", pod);
        }
      }
      return new Outcome.Done();
    } catch (IOException failed) {
      return new Outcome.GaveUp("failed to reconcile inpod rules for pod: " + failed.getMessage());
    }
  }

  /// Takes a pod out of the mesh: new connections go past the mesh first, then ztunnel lets the old
  /// ones go, then the rules go. The annotation goes last, and stays if anything before fails.
  Outcome remove(Pod pod, boolean gone) {
    log(pod).log("removing pod from mesh");
    cache.leaving(pod.uid());
    try {
      capture.probes().remove(pod.ips(), pod.uid());
    } catch (IOException failed) {
      return new Outcome.TryAgain("removing it from the probe set: " + failed.getMessage());
    }
    try (var netns = gone ? null : netnsOf(pod)) {
      if (netns != null) {
        capture.rules().retire(netns);
      }
      capture.ztunnel().delete(pod.uid());
      if (netns != null) {
        capture.rules().remove(netns);
      }
    } catch (IOException failed) {
      return new Outcome.TryAgain("taking it out of the mesh: " + failed.getMessage());
    }
    cache.remove(pod.uid());
    var unwritten = annotate(pod, Redirection.NONE);
    return unwritten == null || gone ? new Outcome.Done() : unwritten;
  }

  private @Nullable PodNetns netnsOf(Pod pod) throws IOException {
    var known = cache.share(pod.uid());
    var found = known != null ? known : namespaces.find(pod);
    if (found == null) {
      LOG.warn("pod {}: its network namespace is not known, its rules cannot be removed", pod);
    }
    return found;
  }

  private @Nullable Outcome exempt(Collection<InetAddress> ips, String uid) {
    try {
      capture.probes().add(ips, uid);
      return null;
    } catch (IOException failed) {
      return new Outcome.TryAgain("adding it to the probe set: " + failed.getMessage());
    }
  }

  private @Nullable Outcome annotate(Pod pod, Redirection state) {
    try {
      pods.annotate(pod, state);
      return null;
    } catch (IOException failed) {
      LOG.warn("pod {}: writing its annotation: {}", pod, failed.getMessage());
      return new Outcome.TryAgain("writing its annotation: " + failed.getMessage());
    }
  }

  private static org.slf4j.spi.LoggingEventBuilder log(Pod pod) {
    return LOG.atInfo()
        .addKeyValue("ns", pod.namespace())
        .addKeyValue("name", pod.name())
        .addKeyValue("uid", pod.uid());
  }
}
