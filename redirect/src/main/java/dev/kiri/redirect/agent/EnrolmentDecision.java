package dev.kiri.redirect.agent;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is to be done about a pod. Pure; rows and order are upstream's (istio
/// `cni/pkg/nodeagent/informers.go`).
///
/// @param probes addresses whose exemption is to be renewed first; mostly none
/// @param step what comes then
record EnrolmentDecision(List<InetAddress> probes, Step step) {
  EnrolmentDecision {
    probes = List.copyOf(probes);
  }

  /// What is done with the pod as a whole.
  sealed interface Step {
    /// Nothing, and why.
    record Nothing(String reason) implements Step {}

    /// Into the mesh.
    record Add(Pod pod) implements Step {}

    /// Is in the mesh; see whether all of it is still there.
    record Verify(Pod pod) implements Step {}

    /// Out of the mesh.
    ///
    /// @param gone whether its namespace went or goes with it, so that nothing is left to undo
    /// there
    record Remove(Pod pod, boolean gone) implements Step {}
  }

  static EnrolmentDecision of(PodEvent event, NodeView view, Eligibility eligibility) {
    var now = view.pods().get(event.pod().uid());
    var decider = new Decider(view, eligibility);
    return switch (event) {
      case PodEvent.Updated(var before) -> decider.updated(before, now);
      case PodEvent.Doubted(var before) -> decider.updated(before, now).verified(now);
      case PodEvent.Deleted(var last) ->
          now == null ? decider.deleted(last) : decider.updated(last, now);
    };
  }

  private EnrolmentDecision verified(@Nullable Pod now) {
    return now != null && step instanceof Step.Nothing && isServed(now)
        ? new EnrolmentDecision(probes, new Step.Verify(now))
        : this;
  }

  private static boolean isServed(Pod pod) {
    return pod.redirection() == Redirection.ENABLED && !pod.isTerminal();
  }

  private record Decider(NodeView view, Eligibility eligibility) {
    EnrolmentDecision updated(Pod before, @Nullable Pod now) {
      if (now == null) {
        return nothing("it is gone");
      }
      if (eligibility.isZtunnel(now)) {
        return nothing("it is ztunnel");
      }
      var state = now.redirection();
      var verdict = eligibility.verdict(now, view.labelsOf(now.namespace()));
      var wanted = verdict instanceof Eligibility.Verdict.Eligible;
      if (state != Redirection.NONE && now.isTerminal()) {
        // Terminal updates can drop the addresses for a moment (kubernetes#125370): the object of
        // before still has them.
        return step(new Step.Remove(before.ips().isEmpty() ? now : before, true));
      }
      var probes =
          state == Redirection.ENABLED && wanted && addressesDiffer(before, now)
              ? now.ips()
              : List.<InetAddress>of();
      return new EnrolmentDecision(probes, step(now, state, verdict));
    }

    private static Step step(Pod now, Redirection state, Eligibility.Verdict verdict) {
      return switch (verdict) {
        case Eligibility.Verdict.NotEligible(var reason) ->
            state == Redirection.NONE ? new Step.Nothing(reason) : new Step.Remove(now, false);
        case Eligibility.Verdict.Eligible() when state == Redirection.ENABLED ->
            new Step.Nothing("it is enrolled");
        case Eligibility.Verdict.Eligible() when now.isTerminal() ->
            new Step.Nothing("it has ended");
        case Eligibility.Verdict.Eligible() when now.ips().isEmpty() ->
            new Step.Nothing("it has no address yet");
        case Eligibility.Verdict.Eligible() -> new Step.Add(now);
      };
    }

    EnrolmentDecision deleted(Pod last) {
      var enrolled = last.redirection() != Redirection.NONE;
      var verdict = eligibility.matches(last, view.labelsOf(last.namespace()));
      return enrolled || verdict instanceof Eligibility.Verdict.Eligible
          ? step(new Step.Remove(last, true))
          : nothing("it was not enrolled");
    }

    private static boolean addressesDiffer(Pod before, Pod now) {
      return !now.ips().isEmpty() && !Set.copyOf(before.ips()).equals(Set.copyOf(now.ips()));
    }

    private static EnrolmentDecision step(Step step) {
      return new EnrolmentDecision(List.of(), step);
    }

    private static EnrolmentDecision nothing(String reason) {
      return step(new Step.Nothing(reason));
    }
  }
}
