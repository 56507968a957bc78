package dev.kiri.local.command;

import dev.kiri.local.api.MeshState;
import java.util.List;

/// Makes services reachable on ports of this machine.
final class Publisher {
  private Publisher() {}

  static void startAll(MeshState state, List<String> published) {}
}
