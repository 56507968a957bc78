package dev.kiri.local.command;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a container wrote.
@Command(
    name = "logs",
    description = "Show logs: NS/POD, ztunnel/NODE, redirect/NODE or controlplane.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri logs shop/deploy/web",
      "  ./kiri logs ztunnel/node-1 --tail 20 -f",
      "  ./kiri logs shop/web -c main",
      "  ./kiri logs controlplane"
    })
final class LogsCommand implements Callable<Integer> {
  private static final int FOLLOW_MILLIS = 100;
  private static final int BLOCK = 65_536;

  @Mixin MeshName name = new MeshName();

  @Option(
      names = {"-c", "--container"},
      description = "the container (default: the first)")
  @Nullable String container;

  @Option(
      names = {"-f", "--follow"},
      description = "go on as more is written")
  boolean follow;

  @Option(names = "--tail", defaultValue = "-1", description = "only the last N lines")
  int tail = -1;

  @Parameters(index = "0", paramLabel = "NS/POD")
  String pod = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    var mesh = name.mesh();
    var found = PodNames.find(mesh, pod);
    var file = mesh.state().log(found.namespace(), found.name(), container(found));
    long at = Files.exists(file) ? start(file) : 0;
    do {
      at = copy(file, at);
      if (follow) {
        Thread.sleep(FOLLOW_MILLIS);
      }
    } while (follow && Files.isDirectory(mesh.state().folder()));
    return 0;
  }

  private String container(KubeObject found) {
    var names =
        found.maps("spec", "containers").stream().map(c -> KubeObject.textIn(c, "name")).toList();
    if (container == null) {
      return names.getFirst();
    }
    var init =
        found.maps("spec", "initContainers").stream()
            .map(c -> KubeObject.textIn(c, "name"))
            .toList();
    if (!names.contains(container) && !init.contains(container)) {
      throw new MeshException(
          "pod " + found.name() + " has no container " + container + "; accepted: " + names);
    }
    return container;
  }

  /// The position of the first line to show.
  private long start(Path file) throws IOException {
    if (tail < 0) {
      return 0;
    }
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      long at = in.length();
      int lines = 0;
      while (at > 0) {
        int size = (int) Math.min(BLOCK, at);
        var block = new byte[size];
        in.seek(at - size);
        in.readFully(block);
        for (int i = size - 1; i >= 0; i--) {
          boolean isLastByte = at - size + i == in.length() - 1;
          if (block[i] == '\n' && !isLastByte && ++lines == tail) {
            return at - size + i + 1;
          }
        }
        at -= size;
      }
      return tail == 0 ? in.length() : 0;
    }
  }

  private static long copy(Path file, long from) throws IOException {
    if (!Files.exists(file)) {
      return from;
    }
    try (var in = Files.newByteChannel(file)) {
      in.position(Math.min(from, in.size()));
      var stream = java.nio.channels.Channels.newInputStream(in);
      stream.transferTo(System.out);
      System.out.flush();
      return in.position();
    }
  }
}
