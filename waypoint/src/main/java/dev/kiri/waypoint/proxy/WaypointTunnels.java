package dev.kiri.waypoint.proxy;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.http.Gather;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.upstream.Dialer;
import dev.kiri.waypoint.upstream.EndpointChooser;
import dev.kiri.waypoint.upstream.EndpointConnections;
import dev.kiri.waypoint.upstream.HostNames;
import dev.kiri.waypoint.upstream.OwnPlace;
import dev.kiri.waypoint.upstream.ProcessState;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Takes the CONNECT requests of all tunnels: decides, accepts or refuses, and gives accepted
/// streams to their loop's [ClientStream]s. Thread-safe.
public final class WaypointTunnels implements ConnectListener {
  private static final long SWEEP_SECONDS = 10;

  private final OwnGateway own;
  private final SpiffeId identity;
  private final OwnPlace place;
  private final Supplier<Program> program;
  private final Supplier<MeshSnapshot> mesh;
  private final BooleanSupplier ready;
  private final Dialer dialer;
  private final HostNames names;
  private final ProcessState process = new ProcessState();
  private final ProxyObserver observer;
  private final Map<EventLoop, LoopState> loops = new ConcurrentHashMap<>();
  private volatile boolean draining;

  /// @param ready false until the first configuration is complete: CONNECTs are refused with 503
  public WaypointTunnels(
      OwnGateway own,
      SpiffeId identity,
      OwnPlace place,
      Supplier<Program> program,
      Supplier<MeshSnapshot> mesh,
      BooleanSupplier ready,
      Dialer dialer,
      HostNames names,
      ProxyObserver observer) {
    this.own = own;
    this.identity = identity;
    this.place = place;
    this.program = program;
    this.mesh = mesh;
    this.ready = ready;
    this.dialer = dialer;
    this.names = names;
    this.observer = observer;
  }

  @Override
  public void connect(IncomingConnect incoming) {
    MeshSnapshot snapshot = mesh.get();
    Client client = client(snapshot, incoming.peer());
    ConnectDecision decision =
        draining || !ready.getAsBoolean()
            ? new ConnectDecision.Refused(503, draining ? "draining" : "not configured yet")
            : ConnectDecider.decide(snapshot, program.get(), own, incoming.request().authority());
    switch (decision) {
      case ConnectDecision.Refused refused -> {
        observer.connectRefused(client, incoming.request().authority().toString(), refused);
        incoming.refuse(refused.status());
      }
      case ConnectDecision.ToService to -> accept(incoming, client, Destination.of(to));
      case ConnectDecision.ToWorkload to -> accept(incoming, client, Destination.of(to));
    }
  }

  @Override
  public void peerRejected(InetSocketAddress peer, PeerRejected why) {
    observer.peerRejected(why);
  }

  @Override
  public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
    observer.tunnelFailed(peer, text);
  }

  private void accept(IncomingConnect incoming, Client client, Destination destination) {
    ClientStream handler = new ClientStream(stateOf(incoming.loop()), client, destination);
    HboneStream stream = incoming.accept(ConnectResponse.OK, handler);
    handler.begin(stream);
  }

  private Client client(MeshSnapshot snapshot, TunnelPeer peer) {
    SpiffeId identity = peer.identity();
    @Nullable InetAddress address = peer.remote().getAddress();
    return new Client(
        identity == null ? null : ClientIdentity.of(identity),
        address == null ? null : snapshot.workloadByAddress(own.network(), address),
        peer.remote());
  }

  private LoopState stateOf(EventLoop loop) {
    return loops.computeIfAbsent(loop, this::newState);
  }

  private LoopState newState(EventLoop loop) {
    Gather gather = new Gather();
    EndpointConnections connections = new EndpointConnections(loop, dialer, gather);
    LoopState state =
        new LoopState(
            loop,
            gather,
            new EndpointChooser(new SplittableRandom(), place, names, process),
            connections,
            names,
            program,
            mesh,
            observer,
            identity.uri(),
            ThreadLocalRandom.current().nextDouble());
    loop.scheduleWithFixedDelay(() -> sweep(state), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    return state;
  }

  private static void sweep(LoopState state) {
    state.connections().sweep();
    List.copyOf(state.streams()).forEach(ClientStream::sweep);
  }

  /// As the loops do by themselves every ten seconds.
  void sweep() {
    loops.values().forEach(state -> state.loop().execute(() -> sweep(state)));
  }

  /// New CONNECTs are refused; streams finish the request they are at and end.
  public void drain() {
    draining = true;
    for (LoopState state : loops.values()) {
      state
          .loop()
          .execute(
              () -> {
                List.copyOf(state.streams()).forEach(ClientStream::drain);
                state.connections().drain();
                state.gather().flush();
              });
    }
  }
}
