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
  /// The largest file, in bytes: some 100 000 workloads. While it is read it takes many times as
  /// much memory.
  public static final int MAX_BYTES = 32 << 20;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setCodePointLimit(MAX_BYTES).build();

  private MeshFile() {}

  /// Reads the file.
  ///
  /// @throws IOException if it cannot be read
  /// @throws InvalidMeshFile if it is not understood or has more than [#MAX_BYTES]
  public static List<MeshUpdate> read(Path file) throws IOException, InvalidMeshFile {
    requireSize(Files.size(file));
    return parse(Files.readString(file));
  }

  private static void requireSize(long bytes) throws InvalidMeshFile {
    if (bytes > MAX_BYTES) {
      throw new InvalidMeshFile(
          "has "
              + bytes
              + " bytes, accepted are at most "
              + MAX_BYTES
              + ": leave out what this node does not need, or let a control plane tell it"
              + " (XDS_ADDRESS)");
    }
  }

  /// Reads the text: workloads first, then services, then policies.
  public static List<MeshUpdate> parse(String yaml) throws InvalidMeshFile {
    requireSize(yaml.length()); // a character is a byte or more
    try {
      var root = new Compose(SETTINGS).composeString(yaml);
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
