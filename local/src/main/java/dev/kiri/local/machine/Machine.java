package dev.kiri.local.machine;

import dev.kiri.local.machine.MachineFacts.Attempt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Looks at this machine. What it makes for that, it makes in namespaces that end with the look.
/// Blocking.
///
/// @param system `os.name` of the JVM
/// @param kernel `os.version` of the JVM: on Linux the kernel's release
/// @param path folders where programs are looked for, as `PATH` names them
public record Machine(String system, String kernel, String path) {
  private static final List<String> PROGRAMS =
      List.of(
          "unshare", "nsenter", "mount", "umount", "ip", "bridge", "nft", "sh", "setsid", "chroot",
          "sleep", "env");
  private static final int LONGEST_ATTEMPT_SECONDS = 10;
  private static final String TRY_NETWORK =
      """
      ip link add probe0 type bridge && ip link add probe1 type veth peer name probe2 && \
      nft add table inet probe && \
      nft 'add chain inet probe c { type nat hook output priority 0; }' && \
      nft 'add rule inet probe c redirect'\
      """;

  /// The machine this process runs on.
  public static Machine own() {
    return new Machine(
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin");
  }

  /// Sees all that decides whether a mesh can run.
  ///
  /// @param folder where the mesh would keep its files; need not exist
  /// @param refusedPorts what publishing was refused, found by the caller, who knows what was asked
  /// for
  public MachineFacts look(Path folder, List<MachineFacts.RefusedPort> refusedPorts) {
    var missing = PROGRAMS.stream().filter(program -> !isInstalled(program)).toList();
    boolean root = isRoot();
    Attempt namespaces = new Attempt.NotTried();
    Attempt network = new Attempt.NotTried();
    if (system.equals("Linux") && missing.isEmpty()) {
      namespaces = attempt(inNamespaces(root, "true"));
      if (namespaces instanceof Attempt.Worked) {
        network = attempt(inNamespaces(root, "sh", "-c", TRY_NETWORK));
      }
    }
    return new MachineFacts(
        system, kernel, missing, root, namespaces, network, unwritable(folder), refusedPorts);
  }

  private static List<String> inNamespaces(boolean root, String... command) {
    var line =
        new ArrayList<>(
            List.of("unshare", "--fork", "--pid", "--mount-proc", "--mount", "--net", "--uts"));
    if (!root) {
      line.addAll(List.of("--user", "--map-root-user"));
    }
    line.addAll(List.of(command));
    return line;
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
          && uid == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isInstalled(String program) {
    for (var folder : path.split(":")) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Path> unwritable(Path folder) {
    var here = folder.toAbsolutePath();
    while (!Files.exists(here) && here.getParent() != null) {
      here = here.getParent();
    }
    return Files.isWritable(here) ? Optional.empty() : Optional.of(here);
  }

  private static Attempt attempt(List<String> line) {
    try {
      var process =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      var output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(LONGEST_ATTEMPT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Attempt.Refused("no answer");
      }
      return process.exitValue() == 0
          ? new Attempt.Worked()
          : new Attempt.Refused(
              output.lines().findFirst().orElse("exit code " + process.exitValue()));
    } catch (IOException e) {
      return new Attempt.Refused(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Attempt.Refused("interrupted");
    }
  }
}
