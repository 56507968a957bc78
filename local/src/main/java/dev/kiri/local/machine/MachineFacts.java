package dev.kiri.local.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What was seen of a machine.
///
/// @param system the operating system's name, `Linux` where a mesh can run
/// @param kernel its release as `uname -r` prints it
/// @param missingPrograms programs that are in no folder of the path
/// @param root whether this user is root; another one needs a user namespace
/// @param namespaces making the namespaces that hold a mesh
/// @param network making, inside them, the links and rules that a mesh is made of
/// @param unwritable the folder that should hold the mesh's and does not let us write
/// @param refusedPorts ports to be published that this machine does not give
public record MachineFacts(
    String system,
    String kernel,
    List<String> missingPrograms,
    boolean root,
    Attempt namespaces,
    Attempt network,
    Optional<Path> unwritable,
    List<RefusedPort> refusedPorts) {

  public MachineFacts {
    missingPrograms = List.copyOf(missingPrograms);
    refusedPorts = List.copyOf(refusedPorts);
  }

  /// How something that was tried ended.
  public sealed interface Attempt {
    record Worked() implements Attempt {}

    /// @param words what the system said, one line
    record Refused(String words) implements Attempt {}

    /// Something else was missing already.
    record NotTried() implements Attempt {}
  }

  /// A port that cannot be listened on.
  ///
  /// @param option what the user wrote
  /// @param words what the system said
  public record RefusedPort(String option, String address, int port, String words) {}
}
