package dev.kiri.local.command;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.demo.Demo;
import dev.kiri.local.demo.StepResult;
import dev.kiri.local.image.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Starts the example shop, tells the story, takes everything down again.
@Command(
    name = "demo",
    description = "Start the example shop and show what the mesh does to it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri demo",
      "  ./kiri demo --output json",
      "  ./kiri demo --keep --name shop"
    })
final class DemoCommand implements Callable<Integer> {
  /// How steps are told.
  enum Output {
    TEXT,
    JSON
  }

  @Mixin MeshName name = new MeshName();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "TEXT",
      description = "text, or json: one object a step")
  Output output = Output.TEXT;

  @Option(names = "--keep", description = "leave the mesh running")
  boolean keep;

  @Option(
      names = "--manifests",
      paramLabel = "FOLDER",
      description = "the shop's manifests (default: examples/shop beside ./kiri)")
  @Nullable Path manifests;

  private volatile boolean kept;

  @Override
  public Integer call() throws IOException {
    var files =
        new MeshState(
            name.name + "-files", name.state().folder().resolveSibling(name.name + "-files"));
    var launch =
        new Launch(name.state(), List.of(files.folder().toString()), 2, Map.of(), List.of());
    launch.mustNotRun();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(launch, files)));
    copy(manifests == null ? shop() : manifests, files.folder());
    say("starting examples/shop: two nodes, a waypoint, nine pods");
    long millis = launch.run(Duration.ofMinutes(3), this::say);
    say("mesh %s ready in %.1f s%n".formatted(name.name, millis / 1000.0));
    var kirictl = Programs.of(System.getenv()).kirictl();
    var results = Demo.run(LocalMesh.find(name.name), files.folder(), kirictl, this::tell);
    long held = results.stream().filter(StepResult::ok).count();
    say(held + " of " + results.size() + " steps hold");
    if (keep) {
      kept = true;
      say(
          "the mesh stays; ./kiri down"
              + (name.name.equals("kiri") ? "" : " --name " + name.name)
              + " removes it");
    }
    return held == results.size() ? 0 : 1;
  }

  private void end(Launch launch, MeshState files) {
    if (kept) {
      return;
    }
    if (launch.started()) {
      Teardown.of(name.state());
    }
    Teardown.of(files);
  }

  private static Path shop() {
    var launcher = System.getenv("KIRI_COMMAND");
    var folder =
        launcher == null
            ? Path.of("examples/shop")
            : Path.of(launcher).toAbsolutePath().resolveSibling("examples/shop");
    if (!Files.isDirectory(folder)) {
      throw new MeshException("the example is not at " + folder + ": name it with --manifests");
    }
    return folder;
  }

  /// The demo edits its manifests: a copy, which `down` removes with the mesh.
  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var all = Files.list(from)) {
      for (var file : all.filter(Files::isRegularFile).toList()) {
        Files.write(to.resolve(String.valueOf(file.getFileName())), Files.readAllBytes(file));
      }
    }
  }

  private void say(String text) {
    System.err.println(text);
  }

  private void tell(StepResult result) {
    if (output == Output.JSON) {
      System.out.println(Json.line(result.fields()));
      System.out.flush();
      return;
    }
    System.out.println(
        (result.ok() ? "ok    " : "FAILED ") + result.step() + " (" + result.millis() + " ms)");
    System.out.println("      expected  " + result.expected());
    System.out.println("      observed  " + result.observed());
  }
}
