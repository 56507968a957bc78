package dev.kiri.local.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs a command inside a pod.
@Command(
    name = "exec",
    description = "Run a command inside a pod: kiri exec NS/POD -- CMD...",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri exec shop/web -- curl -s http://catalog/headers",
      "  ./kiri exec shop/deploy/web -c main -- env",
      "  ./kiri exec -i shop/web -- sh < script.sh"
    })
final class ExecCommand implements Callable<Integer> {
  @Mixin MeshName name = new MeshName();

  @Option(
      names = {"-c", "--container"},
      description = "the container (default: the first)")
  @Nullable String container;

  @Option(
      names = {"-i", "--stdin"},
      description = "pass standard input to the command")
  boolean stdin;

  @Option(
      names = {"-t", "--tty"},
      description = "accepted; the terminal is always passed through")
  boolean terminal;

  @Parameters(index = "0", paramLabel = "NS/POD")
  String pod = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "CMD")
  List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    var mesh = name.mesh();
    var found = PodNames.find(mesh, pod);
    var builder =
        mesh.exec(found.namespace(), found.name(), container == null ? "" : container, command);
    builder.inheritIO();
    if (!stdin && !terminal) {
      builder.redirectInput(java.nio.file.Path.of("/dev/null").toFile());
    }
    return builder.start().waitFor();
  }
}
