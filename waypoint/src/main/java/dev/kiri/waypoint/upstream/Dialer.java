package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.StreamHandler;
import io.netty.channel.EventLoop;

/// Opens byte streams to endpoints. Called on the loop on which the stream will live.
@FunctionalInterface
public interface Dialer {
  void open(EventLoop loop, Target target, StreamHandler handler);
}
