package dev.kiri.bench;

import java.util.Locale;

/// The same client and server, placed alike, with something else between them.
enum Variant {
  /// Not in the mesh: pod to pod, nothing in between.
  DIRECT("direct"),
  /// In the mesh: captured, tunnelled between both nodes' proxies.
  MESH("mesh"),
  /// In a second mesh of the same run, whose node proxies are another program.
  PEER("mesh"),
  /// In the mesh, addressed by a service with a waypoint in front of it.
  WAYPOINT("mesh"),
  /// In the same mesh, addressed by a second service for the same pod, with an Envoy in front of
  /// it.
  ENVOY("mesh");

  private final String namespace;

  Variant(String namespace) {
    this.namespace = namespace;
  }

  /// The namespace of its client and server.
  String namespace() {
    return namespace;
  }

  /// Its name in reports.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean proxied() {
    return this != DIRECT;
  }
}
