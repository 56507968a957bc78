package dev.kiri.local.command;

import dev.kiri.local.api.MeshState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Looks at the machine before anything is changed on it.
///
/// @param rootless whether a user namespace is needed
record Prerequisites(boolean rootless) {
  private static final List<String> PROGRAMS =
      List.of(
          "unshare", "nsenter", "mount", "umount", "ip", "bridge", "nft", "sh", "setsid", "chroot",
          "sleep", "env");

  /// @throws MissingPrerequisite listing everything that is missing, each with its remedy
  static Prerequisites check(MeshState state) {
    var missing = new ArrayList<String>();
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new MissingPrerequisite(
          "a local mesh needs Linux; this is " + System.getProperty("os.name"));
    }
    for (var program : PROGRAMS) {
      if (!isInstalled(program)) {
        missing.add(
            "the program "
                + program
                + " is missing: install it with apt-get install "
                + packageOf(program));
      }
    }
    if (!missing.isEmpty()) {
      throw new MissingPrerequisite(String.join("\n", missing));
    }
    boolean rootless = !isRoot();
    var namespaces =
        new ArrayList<>(
            List.of("unshare", "--fork", "--pid", "--mount-proc", "--mount", "--net", "--uts"));
    if (rootless) {
      namespaces.addAll(List.of("--user", "--map-root-user"));
    }
    var attempt = attempt(with(namespaces, "true"));
    if (!attempt.isEmpty()) {
      missing.add(
          "this user may not make namespaces ("
              + attempt
              + "): "
              + (rootless
                  ? "allow it with sysctl -w kernel.unprivileged_userns_clone=1"
                      + " kernel.apparmor_restrict_unprivileged_userns=0 (those that exist), or"
                      + " run as root"
                  : "run with CAP_SYS_ADMIN and CAP_NET_ADMIN, in a container with --privileged"));
      throw new MissingPrerequisite(String.join("\n", missing));
    }
    var network =
        "ip link add probe0 type bridge && ip link add probe1 type veth peer name probe2 && nft add"
            + " table inet probe && nft 'add chain inet probe c { type nat hook output priority 0;"
            + " }' && nft 'add rule inet probe c redirect'";
    var kernel = attempt(with(namespaces, "sh", "-c", network));
    if (!kernel.isEmpty()) {
      missing.add(
          "the kernel lacks what a mesh needs ("
              + kernel
              + "): load it with modprobe -a bridge veth nf_tables nft_nat nft_redir nft_ct, Linux"
              + " 5.10 or newer");
    }
    var parent = nearest(state.folder());
    if (!Files.isWritable(parent)) {
      missing.add("the folder " + parent + " is not writable: set XDG_RUNTIME_DIR to one that is");
    }
    if (!missing.isEmpty()) {
      throw new MissingPrerequisite(String.join("\n", missing));
    }
    return new Prerequisites(rootless);
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
          && uid == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path nearest(Path path) {
    var here = path.toAbsolutePath();
    while (!Files.exists(here) && here.getParent() != null) {
      here = here.getParent();
    }
    return here;
  }

  private static boolean isInstalled(String program) {
    for (var folder : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static String packageOf(String program) {
    return switch (program) {
      case "ip", "bridge" -> "iproute2";
      case "nft" -> "nftables";
      case "mount", "umount" -> "mount";
      case "sh" -> "dash";
      case "chroot", "sleep", "env" -> "coreutils";
      default -> "util-linux";
    };
  }

  private static List<String> with(List<String> line, String... more) {
    var out = new ArrayList<>(line);
    out.addAll(List.of(more));
    return out;
  }

  /// Returns what a command said when it failed, or an empty text.
  private static String attempt(List<String> line) {
    try {
      var process =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      var output =
          new String(
                  process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
              .strip();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "no answer";
      }
      return process.exitValue() == 0
          ? ""
          : output.isEmpty()
              ? "exit code " + process.exitValue()
              : output.lines().findFirst().orElse("");
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
