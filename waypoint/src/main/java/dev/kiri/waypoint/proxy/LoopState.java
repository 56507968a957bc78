package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Gather;
import dev.kiri.waypoint.upstream.EndpointChooser;
import dev.kiri.waypoint.upstream.EndpointConnections;
import dev.kiri.waypoint.upstream.HostNames;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What the streams of one event loop share. Confined to it.
final class LoopState {
  /// Heads kept for reuse; a head is 2 KiB at first.
  private static final int MAX_HEADS = 256;

  /// The golden ratio: its multiples modulo 1 are spread evenly however far one counts.
  private static final double STEP = 0.6180339887498949;

  private final EventLoop loop;
  private final Gather gather;
  private final EndpointChooser chooser;
  private final EndpointConnections connections;
  private final HostNames names;
  private final Supplier<Program> program;
  private final Supplier<MeshSnapshot> mesh;
  private final ProxyObserver observer;
  private final String ownIdentity;
  private final ArrayDeque<Head> heads = new ArrayDeque<>();
  private final Set<ClientStream> streams = new HashSet<>();
  private double point;
  private int copies;

  LoopState(
      EventLoop loop,
      Gather gather,
      EndpointChooser chooser,
      EndpointConnections connections,
      HostNames names,
      Supplier<Program> program,
      Supplier<MeshSnapshot> mesh,
      ProxyObserver observer,
      String ownIdentity,
      double firstPoint) {
    this.loop = loop;
    this.gather = gather;
    this.chooser = chooser;
    this.connections = connections;
    this.names = names;
    this.program = program;
    this.mesh = mesh;
    this.observer = observer;
    this.ownIdentity = ownIdentity;
    this.point = firstPoint;
  }

  EventLoop loop() {
    return loop;
  }

  /// Does something after a time and sends what came of it.
  ScheduledFuture<?> after(long nanos, Runnable what) {
    return loop.schedule(
        () -> {
          what.run();
          gather.flush();
        },
        nanos,
        TimeUnit.NANOSECONDS);
  }

  /// Does something when a name has been asked for, and sends what came of it.
  void whenResolved(String host, Runnable what) {
    names.whenSettled(
        host,
        loop,
        () -> {
          what.run();
          gather.flush();
        });
  }

  Gather gather() {
    return gather;
  }

  EndpointChooser chooser() {
    return chooser;
  }

  EndpointConnections connections() {
    return connections;
  }

  Program program() {
    return program.get();
  }

  MeshSnapshot mesh() {
    return mesh.get();
  }

  ProxyObserver observer() {
    return observer;
  }

  String ownIdentity() {
    return ownIdentity;
  }

  /// The next of an even sequence in [0, 1).
  double nextPoint() {
    point += STEP;
    if (point >= 1) {
      point -= 1;
    }
    return point;
  }

  Head newHead() {
    Head head = heads.pollLast();
    return head == null ? new Head() : head;
  }

  void recycle(Head head) {
    head.clear();
    if (heads.size() < MAX_HEADS) {
      heads.addLast(head);
    }
  }

  /// How many copies of requests are under way, after so many more.
  int copies(int more) {
    copies += more;
    return copies;
  }

  Set<ClientStream> streams() {
    return streams;
  }
}
