package dev.kiri.local.command;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshState;
import picocli.CommandLine.Option;

/// The option every command has: which mesh is meant.
final class MeshName {
  @Option(
      names = "--name",
      defaultValue = "kiri",
      paramLabel = "NAME",
      description = "the mesh's name (default: ${DEFAULT-VALUE})")
  String name = "kiri";

  LocalMesh mesh() {
    return LocalMesh.find(state().name());
  }

  MeshState state() {
    try {
      return MeshState.of(name);
    } catch (IllegalArgumentException e) {
      throw new NotUnderstood(String.valueOf(e.getMessage()));
    }
  }
}
