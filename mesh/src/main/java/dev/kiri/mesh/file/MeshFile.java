package dev.kiri.mesh.file;

import dev.kiri.mesh.store.MeshUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads workloads, services and policies from a file. Stateless; nothing is applied before all of
/// it was understood.
public final class MeshFile {
  private MeshFile() {}

  /// Reads the file.
  ///
  /// @throws IOException if it cannot be read
  public static List<MeshUpdate> read(Path file) throws IOException, InvalidMeshFile {
    return parse(Files.readString(file));
  }

  /// Reads the text: workloads first, then services, then policies.
  public static List<MeshUpdate> parse(String yaml) throws InvalidMeshFile {
    try {
      var root = new Compose(LoadSettings.builder().build()).composeString(yaml);
      return root.isEmpty() ? List.of() : Fields.object(root.get(), "", MeshFile::updates);
    } catch (YamlEngineException malformed) {
      throw new InvalidMeshFile("not YAML: " + malformed.getMessage());
    }
  }

  private static List<MeshUpdate> updates(Fields file) throws InvalidMeshFile {
    var updates = new ArrayList<MeshUpdate>();
    file.list("workloads", (node, path) -> Fields.object(node, path, WorkloadFields::read))
        .forEach(workload -> updates.add(new MeshUpdate.PutWorkload(workload)));
    file.list("services", (node, path) -> Fields.object(node, path, ServiceFields::read))
        .forEach(service -> updates.add(new MeshUpdate.PutService(service)));
    file.list("policies", (node, path) -> Fields.object(node, path, PolicyFields::read))
        .forEach(policy -> updates.add(new MeshUpdate.PutPolicy(policy)));
    return List.copyOf(updates);
  }
}
