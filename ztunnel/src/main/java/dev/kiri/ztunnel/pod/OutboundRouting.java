package dev.kiri.ztunnel.pod;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.outbound.Missing;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.OutboundRefusal;
import dev.kiri.ztunnel.outbound.OutboundRequest;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/// Finds out where one connection of a pod is to go, including what has to be asked for first: of
/// the control plane where addresses are learned on demand, of name servers where a workload has
/// only a name. Answers are heard on the connection's loop, possibly at once. Confined to it.
///
/// @param source where the connection comes from
/// @param target where it was going
record OutboundRouting(
    Pod pod, EventLoop loop, InetSocketAddress source, InetSocketAddress target) {
  /// A service, its waypoint, and that one's address.
  private static final int MAX_QUESTIONS = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// A decision, none of which needs an address any more.
  void decide(Workload local, Consumer<OutboundDecision> decided) {
    decide(local, MAX_QUESTIONS, decided);
  }

  private void decide(Workload local, int questions, Consumer<OutboundDecision> decided) {
    var mesh = pod.node().mesh().current();
    var request = new OutboundRequest(local, source.getAddress(), target);
    var decision = pod.node().outbound().decide(mesh, request);
    var demands = pod.node().demands();
    var missing = demands == null || questions == 0 ? null : Missing.of(mesh, request, decision);
    if (demands == null || missing == null) {
      resolved(local, decision, decided);
      return;
    }
    var asked = demands.want(missing, PATIENCE).toCompletableFuture();
    if (asked.isDone()) { // before, or too many: this is what is known of it
      resolved(local, decision, decided);
    } else {
      asked.whenComplete(
          (told, failed) -> loop.execute(() -> decide(local, questions - 1, decided)));
    }
  }

  /// A decision on what is known now, for another attempt.
  OutboundDecision again(Workload local) {
    var request = new OutboundRequest(local, source.getAddress(), target);
    return pod.node().outbound().decide(pod.node().mesh().current(), request);
  }

  /// Looks up the address if that is what the decision lacks.
  void resolved(Workload local, OutboundDecision decision, Consumer<OutboundDecision> decided) {
    if (!(decision instanceof OutboundDecision.NeedsAddress needed)) {
      decided.accept(decision);
      return;
    }
    pod.node().telemetry().lookedUp(local, needed.hostname());
    pod.node()
        .resolver()
        .resolve(needed.destination(), needed.asked())
        .whenComplete(
            (address, failed) ->
                loop.execute(
                    () ->
                        decided.accept(
                            address == null
                                ? new OutboundDecision.Refused(
                                    new OutboundRefusal.NoAddresses(needed.destination().uid()))
                                : needed.at(address))));
  }
}
