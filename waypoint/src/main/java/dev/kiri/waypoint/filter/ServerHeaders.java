package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;

/// Overwrites `server`, as upstream's waypoint does.
final class ServerHeaders implements Filter {
  static final String NAME = "istio-envoy";

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    answer.set(HeaderName.SERVER, NAME);
  }
}
