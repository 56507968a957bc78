package dev.kiri.local.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Starts a mesh and, unless detached, stays until it is interrupted.
@Command(
    name = "up",
    description = "Start a mesh from Kubernetes manifests.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri up -f examples/shop",
      "  ./kiri up -f shop.yaml -f more/ --nodes 3 --detach",
      "  ./kiri up -f examples/shop --publish 8080:shop/web:80",
      "  ./kiri up -f - --name other --set ztunnel.RUST_LOG=debug -o json < shop.yaml"
    })
final class UpCommand implements Callable<Integer> {
  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(
      names = {"-f", "--file"},
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "files or folders of YAML; - is standard input")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--nodes",
      defaultValue = "2",
      paramLabel = "N",
      description = "how many nodes (default: ${DEFAULT-VALUE})")
  int nodes = 2;

  @Option(names = "--detach", description = "return when the mesh is ready")
  boolean detach;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "environment of the mesh's programs: NAME=VALUE for all, ztunnel.NAME=VALUE for one")
  Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--publish",
      paramLabel = "PORT:NS/SVC:PORT",
      description = "a port of this machine that leads to a service")
  List<String> published = new ArrayList<>();

  @Option(
      names = "--timeout",
      defaultValue = "60s",
      description = "longest time until ready (default: ${DEFAULT-VALUE})")
  String timeout = "60s";

  @Override
  public Integer call() throws InterruptedException {
    var launch = new Launch(name.state(), files, nodes, settings, published);
    var limit = Durations.parse(timeout);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(
                    () -> {
                      if (launch.started()) {
                        System.err.println("stopping mesh " + name.name);
                        Teardown.of(name.state());
                      }
                    }));
    long millis = launch.run(limit, System.err::println);
    facts.tell(
        "mesh %s ready in %.1f s".formatted(name.name, millis / 1000.0),
        Facts.ready(name.name, millis));
    if (detach) {
      launch.forget();
      return 0;
    }
    System.err.println("Ctrl-C stops it");
    int code = launch.awaitEnd();
    Teardown.of(name.state());
    launch.forget();
    return code;
  }
}
