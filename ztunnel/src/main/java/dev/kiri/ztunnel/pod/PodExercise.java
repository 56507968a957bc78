package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.telemetry.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Serves a pod that is nothing but a namespace of its own and has connections cross the mesh from
/// it to itself: in tunnels and as plain text. Part of the training run.
public final class PodExercise {
  private static final InetAddress CAPTURED = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress PLAIN = InetAddress.ofLiteral("127.0.0.2");
  private static final WorkloadInfo INFO = new WorkloadInfo("training", "training", "training");
  private static final int CONNECTIONS = 50;
  private static final int LONG = 1 << 20;

  /// The identity that the pod's certificate must have.
  public static final SpiffeId IDENTITY =
      SpiffeId.of("cluster.local", INFO.namespace(), INFO.serviceAccount());

  private PodExercise() {}

  /// Runs to its end, or throws what went wrong. Takes the namespace over.
  public static void run(NodeServices services, TlsContexts contexts, PodNetns netns)
      throws IOException {
    var mesh = new MeshStore();
    mesh.apply(
        List.of(
            new MeshUpdate.PutWorkload(
                workload("captured", CAPTURED).protocol(TunnelProtocol.HBONE).build()),
            new MeshUpdate.PutWorkload(workload("plain", PLAIN).build())));
    var node =
        new NodeServices(
            services.transport(),
            services.loops(),
            mesh,
            new Fixed(contexts),
            services.telemetry(),
            services.outbound(),
            services.endpoints(),
            services.resolver(),
            services.dns(),
            services.shares(),
            null,
            services.settings());
    var proxy = PodProxy.start(node, INFO, netns);
    try (var application = netns.inside(() -> new ServerSocket(0, 50, null))) {
      Thread.ofPlatform().daemon().name("application").start(() -> echo(application));
      converse(proxy, node, netns, new InetSocketAddress(CAPTURED, application.getLocalPort()));
      converse(proxy, node, netns, new InetSocketAddress(PLAIN, application.getLocalPort()));
    } finally {
      proxy.stop();
    }
  }

  private static WorkloadBuilder workload(String name, InetAddress address) {
    return new WorkloadBuilder("training/" + name)
        .name(INFO.namespace(), name.equals("captured") ? INFO.name() : name)
        .serviceAccount(INFO.serviceAccount())
        .addresses(address);
  }

  /// What the redirect rules would do: connections that arrive here are taken for such to `target`.
  private static void converse(
      PodProxy proxy, NodeServices node, PodNetns netns, InetSocketAddress target)
      throws IOException {
    var sockets = new NamespaceSockets(netns, node.sockets(), new SocketSettings(0, true));
    var share = node.shares().pod(INFO.namespace(), INFO.name());
    var listeners = new PodListeners(node, sockets, share);
    var entry =
        listeners.listen(
            0, "training", Direction.OUTBOUND, false, channel -> proxy.carry(channel, target));
    var port = Addresses.local(entry.getFirst()).getPort();
    for (int i = 0; i < CONNECTIONS; i++) {
      ask(netns, port, 100);
    }
    ask(netns, port, LONG);
    listeners.close();
    share.close();
  }

  private static void ask(PodNetns netns, int port, int bytes) throws IOException {
    try (var socket = netns.inside(() -> new Socket(CAPTURED, port))) {
      var question = new byte[bytes];
      Thread.ofPlatform()
          .daemon()
          .name("question")
          .start(
              () -> {
                try {
                  socket.getOutputStream().write(question);
                  socket.shutdownOutput();
                } catch (IOException seenByReader) {
                  return;
                }
              });
      int answered = socket.getInputStream().readAllBytes().length;
      if (answered != bytes) {
        throw new IOException("sent " + bytes + " bytes, got " + answered + " back");
      }
    }
  }

  private static void echo(ServerSocket application) {
    while (!application.isClosed()) {
      try (var socket = application.accept()) {
        socket.getInputStream().transferTo(socket.getOutputStream());
      } catch (IOException ended) {
        // the next connection, or the end
      }
    }
  }

  /// The certificate of the only pod.
  private record Fixed(TlsContexts contexts) implements Certificates {
    @Override
    public @Nullable TlsContexts current(SpiffeId identity) {
      return contexts;
    }

    @Override
    public CompletionStage<TlsContexts> request(SpiffeId identity) {
      return CompletableFuture.completedStage(contexts);
    }
  }
}
