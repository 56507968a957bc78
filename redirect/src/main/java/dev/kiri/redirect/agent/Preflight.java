package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.rules.CaptureSettings;
import dev.kiri.redirect.rules.Commands;
import dev.kiri.redirect.rules.PodCapture;
import dev.kiri.redirect.rules.PodRules;
import dev.kiri.redirect.sys.Sockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds out whether this machine lets the agent do its work, before anything of it is changed: the
/// rules are tried in a namespace made for that, which is gone afterwards.
final class Preflight {
  private static final List<String> USUAL_FOLDERS =
      List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin");

  private Preflight() {}

  /// What was found.
  sealed interface Report {
    /// All is well.
    ///
    /// @param settings as asked for, without what this kernel lacks
    /// @param warning what it lacks; null when nothing
    record Ready(Commands commands, CaptureSettings settings, @Nullable String warning)
        implements Report {}

    /// It will not work; the text says why and what helps.
    record Impossible(String text) implements Report {}
  }

  static Report examine(HomeNetns home, CaptureSettings settings, Map<String, String> environment) {
    var nft = find("nft", environment);
    if (nft == null) {
      return new Report.Impossible(
          "the nft command was not found; install it (Debian, Ubuntu: apt-get install nftables)");
    }
    var nsenter = find("nsenter", environment);
    if (nsenter == null) {
      return new Report.Impossible(
          "the nsenter command was not found; install it (Debian, Ubuntu: apt-get install"
              + " util-linux)");
    }
    var commands = new Commands(nft, nsenter);
    try (var scratch = PodNetns.create(home)) {
      return tryOut(scratch, commands, settings);
    } catch (IOException refused) {
      return new Report.Impossible(
          "no network namespace can be made or entered ("
              + refused.getMessage()
              + "); run as root with CAP_SYS_ADMIN and CAP_NET_ADMIN, or inside a user namespace:"
              + " unshare --user --map-root-user --net");
    }
  }

  private static Report tryOut(PodNetns scratch, Commands commands, CaptureSettings settings) {
    try {
      scratch.inside(Preflight::markASocket);
    } catch (IOException refused) {
      return new Report.Impossible(
          "sockets cannot be marked (" + refused.getMessage() + "); CAP_NET_ADMIN is needed");
    }
    var everything = new PodCapture(true, true, List.of());
    try {
      new PodRules(commands, settings).apply(scratch, everything);
      return new Report.Ready(commands, settings, null);
    } catch (IOException refused) {
      return withoutZones(scratch, commands, settings, everything, refused);
    }
  }

  /// Some kernels lack the one module that zones need (istio#55636): lookups then share the
  /// application's conntrack zone, which is a small risk and no reason to give up.
  private static Report withoutZones(
      PodNetns scratch,
      Commands commands,
      CaptureSettings settings,
      PodCapture everything,
      IOException refused) {
    var less = settings.withoutConntrackZones();
    try {
      new PodRules(commands, less).apply(scratch, everything);
      return new Report.Ready(
          commands,
          less,
          "this kernel has no conntrack zones for nftables, DNS capture goes without: "
              + refused.getMessage());
    } catch (IOException stillRefused) {
      return new Report.Impossible(
          "kernel %s does not take the capture rules (%s); nftables with NAT is needed: Linux 5.10 or newer with nf_tables, nft_redir, nft_ct and nf_nat"
              .formatted(System.getProperty("os.version"), stillRefused.getMessage()));
    }
  }

  private static boolean markASocket() throws IOException {
    try (var socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
      Sockets.option(socket, Sockets.SOL_SOCKET, Sockets.SO_MARK, 1);
    }
    return true;
  }

  static @Nullable Path find(String command, Map<String, String> environment) {
    var path = environment.getOrDefault("PATH", "").split(":");
    return Stream.concat(Stream.of(path), USUAL_FOLDERS.stream())
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, command))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }
}
