package dev.kiri.bench;

import java.util.Locale;

/// The same client and server, placed alike, in two namespaces.
enum Variant {
  /// Not in the mesh: pod to pod, nothing in between.
  DIRECT,
  /// In the mesh: captured, tunnelled between both nodes' proxies.
  MESH;

  /// Its namespace, and its name in reports.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
