package dev.kiri.local.machine;

import dev.kiri.local.machine.MachineFacts.Attempt;
import dev.kiri.local.machine.MachineFacts.RefusedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Whether a machine can carry a mesh. Pure.
public sealed interface Fitness {
  /// It can.
  ///
  /// @param rootless in a user namespace of its own
  record Fit(boolean rootless) implements Fitness {}

  /// It cannot.
  ///
  /// @param lacks what is missing, each with its remedy; never empty
  record Unfit(List<String> lacks) implements Fitness {
    public Unfit {
      lacks = List.copyOf(lacks);
    }
  }

  /// The oldest kernel whose nftables take every rule of a mesh.
  int OLDEST_MAJOR = 5;

  int OLDEST_MINOR = 10;

  /// Ports below this one belong to root (ip(7), `ip_unprivileged_port_start`).
  int FIRST_FREE_PORT = 1024;

  /// Judges what was seen. A machine that is no Linux, or too old a one, is told nothing else:
  /// mending the rest would not help it.
  static Fitness of(MachineFacts facts) {
    if (!facts.system().equals("Linux")) {
      return new Unfit(List.of("a local mesh needs Linux; this is " + facts.system()));
    }
    if (isTooOld(facts.kernel())) {
      return new Unfit(
          List.of(
              "the kernel is Linux %s: boot %d.%d or newer, whose nftables can do what a mesh needs"
                  .formatted(facts.kernel(), OLDEST_MAJOR, OLDEST_MINOR)));
    }
    var lacks = new ArrayList<String>();
    facts.missingPrograms().forEach(program -> lacks.add(missing(program)));
    if (facts.namespaces() instanceof Attempt.Refused(var words)) {
      lacks.add(noNamespaces(words, facts.root()));
    }
    if (facts.network() instanceof Attempt.Refused(var words)) {
      lacks.add(noNetwork(words));
    }
    facts
        .unwritable()
        .ifPresent(
            folder ->
                lacks.add(
                    "the folder "
                        + folder
                        + " is not writable: set KIRI_RUN_DIR to a folder that is"));
    facts.refusedPorts().forEach(port -> lacks.add(refused(port, facts.root())));
    return lacks.isEmpty() ? new Fit(!facts.root()) : new Unfit(lacks);
  }

  private static boolean isTooOld(String kernel) {
    var version = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*").matcher(kernel);
    if (!version.matches()) {
      return false; // a name we cannot read: trying the rules tells
    }
    int major = Integer.parseInt(version.group(1));
    return major < OLDEST_MAJOR
        || (major == OLDEST_MAJOR && Integer.parseInt(version.group(2)) < OLDEST_MINOR);
  }

  private static String missing(String program) {
    return "the program %s is missing: install it, on Debian or Ubuntu with apt-get install %s"
        .formatted(program, packageOf(program));
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

  private static String noNamespaces(String words, boolean root) {
    return "this user may not make namespaces ("
        + words
        + "): "
        + (root
            ? "run with CAP_SYS_ADMIN and CAP_NET_ADMIN, in a container with --privileged"
            : "allow it with sysctl -w kernel.unprivileged_userns_clone=1"
                + " kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=10000"
                + " (those that exist), or run as root");
  }

  /// Inside namespaces of one's own a privilege is missing only where it was taken from the process
  /// before.
  private static String noNetwork(String words) {
    return words.contains("Operation not permitted")
        ? "this process may not set up a network (%s): run with CAP_NET_ADMIN, in a container with --privileged"
            .formatted(words)
        : "the kernel lacks what a mesh needs (%s): load it with modprobe -a bridge veth nf_tables nft_nat nft_redir nft_ct"
            .formatted(words);
  }

  private static String refused(RefusedPort port, boolean root) {
    boolean isRoots = !root && port.port() < FIRST_FREE_PORT;
    return "--publish %s: port %d of %s cannot be taken (%s): %s"
        .formatted(
            port.option(),
            port.port(),
            port.address(),
            port.words(),
            isRoots
                ? "choose one from " + FIRST_FREE_PORT + " on, or run as root"
                : "choose another one");
  }
}
