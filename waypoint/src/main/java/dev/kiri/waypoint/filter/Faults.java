package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.route.Fault;
import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// Failures that the rule makes up: draws both, notes the delay and answers for the abort (waypoint
/// reference 12).
final class Faults implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    Fault fault =
        context.route() instanceof RouteDecision.Matched matched ? matched.rule().fault() : null;
    if (fault == null) {
      return null;
    }
    Fault.Delay delay = fault.delay();
    if (delay != null && context.chance() < delay.share()) {
      context.delay(delay.duration());
    }
    Fault.Abort abort = fault.abort();
    if (abort == null || context.chance() >= abort.share()) {
      return null;
    }
    LocalReply reply =
        LocalReply.of(abort.status(), "fault filter abort", "fault_filter_abort", "FI");
    return abort.grpcStatus() < 0 ? reply : reply.withGrpcStatus(abort.grpcStatus());
  }
}
