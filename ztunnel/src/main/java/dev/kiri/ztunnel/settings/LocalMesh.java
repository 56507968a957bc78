package dev.kiri.ztunnel.settings;

import dev.kiri.mesh.file.InvalidMeshFile;
import dev.kiri.mesh.file.MeshFile;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.ops.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A mesh that is written down instead of, or besides, being discovered: `LOCAL_XDS_PATH` names a
/// file, `LOCAL_XDS` holds the text. Read once, at start.
final class LocalMesh {
  private LocalMesh() {}

  static List<MeshUpdate> from(Settings env) {
    var path = env.optional("LOCAL_XDS_PATH");
    var text = env.optional("LOCAL_XDS");
    if (path != null && text != null) {
      env.problem("only one of LOCAL_XDS_PATH and LOCAL_XDS may be set");
      return List.of();
    }
    String name = path == null ? "LOCAL_XDS" : "LOCAL_XDS_PATH=" + path;
    try {
      if (path != null) {
        return MeshFile.read(Path.of(path));
      }
      return text == null ? List.of() : MeshFile.parse(text);
    } catch (IOException unreadable) {
      env.problem(name + " cannot be read: " + unreadable);
    } catch (InvalidMeshFile invalid) {
      env.problem(name + ": " + invalid.getMessage());
    }
    return List.of();
  }
}
