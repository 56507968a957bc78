package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.bridge.TcpHold;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.inbound.InboundDecision;
import dev.kiri.ztunnel.inbound.InboundRefusal;
import dev.kiri.ztunnel.inbound.InboundRequest;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A plain connection that reached a pod, up to its decision. Confined to the channel's loop.
final class InboundPlain {
  private final Pod pod;
  private final Channel client;
  private final InetSocketAddress source;
  private final InetSocketAddress target;
  private final long startNanos;

  private InboundPlain(Pod pod, Channel client, InetSocketAddress target) {
    this.pod = pod;
    this.client = client;
    this.source = Addresses.remote(client);
    this.target = target;
    this.startNanos = pod.node().telemetry().now();
    TcpHold.attach(client);
  }

  /// Takes over an accepted channel that was going to `target`.
  static void begin(Pod pod, Channel client, InetSocketAddress target) {
    var plain = new InboundPlain(pod, client, target);
    pod.local().find(client.eventLoop(), plain::decide);
  }

  private void decide(@Nullable Workload local) {
    if (local == null) {
      var info = pod.local().info();
      reject(
          new InboundRefusal.UnknownWorkload(info.serviceAccount(), info.namespace(), info.name()));
      return;
    }
    var mesh = pod.node().mesh().current();
    switch (pod.inbound().decide(mesh, new InboundRequest.Plain(local, source, target))) {
      case InboundDecision.Admitted(var route, var evaluation) -> {
        PolicyLog.log(pod.node().settings(), evaluation);
        new InboundPlainConnection(pod, client, route, startNanos).begin(mesh);
      }
      case InboundDecision.Denied(var route, var verdict, var evaluation) -> {
        PolicyLog.log(pod.node().settings(), evaluation);
        client.close();
        pod.node()
            .telemetry()
            .opened(InboundFacts.of(route, target, null), startNanos)
            .denied(verdict);
      }
      case InboundDecision.Rejected(var why) -> reject(why);
    }
  }

  private void reject(InboundRefusal why) {
    client.close();
    pod.node().telemetry().refused(Direction.INBOUND, source, target, why.message());
  }
}
