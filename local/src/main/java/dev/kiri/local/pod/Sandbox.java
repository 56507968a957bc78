package dev.kiri.local.pod;

import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.network.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The namespaces of one pod, held by a sleeping process. Confined to the pod's thread, except
/// [#enter], which any thread may call.
final class Sandbox {
  private final Process pause;
  private final Optional<NamespaceFile> own;

  private Sandbox(Process pause, Optional<NamespaceFile> own) {
    this.pause = pause;
    this.own = own;
  }

  /// Makes the namespaces and runs the root script in them.
  ///
  /// @param own where to bind the pod's network namespace; empty for a pod on its node's network
  /// @param network the namespace to join when there is none of its own
  static Sandbox start(Path script, Optional<NamespaceFile> own, NamespaceFile network, Path log)
      throws IOException {
    var line = new ArrayList<String>();
    if (own.isPresent()) {
      Files.createFile(own.get().path());
      line.addAll(List.of("unshare", "--net=" + own.get().path()));
    } else {
      line.addAll(List.of("nsenter", "--net=" + network.path(), "--", "unshare"));
    }
    // Slave: a namespace bound later under netns/ must appear in the redirect agent's pod too.
    line.addAll(
        List.of("--mount", "--uts", "--propagation", "slave", "--", "sh", script.toString()));
    var process =
        new ProcessBuilder(line)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(log.toFile())
            .start();
    var sandbox = new Sandbox(process, own);
    var output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"ready".equals(output.readLine())) {
      sandbox.end();
      throw new IOException(
          "the pod's file system could not be made: " + Files.readString(log).strip());
    }
    return sandbox;
  }

  long process() {
    return pause.pid();
  }

  Optional<NamespaceFile> own() {
    return own;
  }

  /// The command line that runs something inside, up to the command itself.
  static List<String> enter(long pause) {
    return List.of(
        "nsenter",
        "--target",
        Long.toString(pause),
        "--mount",
        "--net",
        "--uts",
        "--root",
        "--wd",
        "--");
  }

  List<String> enter() {
    return enter(process());
  }

  /// Ends every process inside and removes the namespaces.
  void end() {
    killInside();
    pause.destroyForcibly();
    pause.onExit().join();
    own.ifPresent(
        file -> {
          try {
            Tool.run(List.of("umount", "--lazy", file.path().toString()));
          } catch (Tool.ToolFailed e) {
            // never bound: the script failed early
          }
          file.path().toFile().delete();
        });
  }

  private void killInside() {
    var ours = namespaceOf(pause.pid());
    if (ours.isEmpty()) {
      return;
    }
    ProcessHandle.allProcesses()
        .filter(p -> p.pid() != pause.pid() && namespaceOf(p.pid()).equals(ours))
        .forEach(ProcessHandle::destroyForcibly);
  }

  private static Optional<Path> namespaceOf(long pid) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", "mnt")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
