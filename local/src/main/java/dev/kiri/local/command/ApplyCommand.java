package dev.kiri.local.command;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.manifest.ManifestReader;
import dev.kiri.local.manifest.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Adds or changes objects of the running mesh.
@Command(
    name = "apply",
    description = "Apply manifests to the running mesh.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri apply -f policy.yaml",
      "  ./kiri apply -f - -o json < route.yaml"
    })
final class ApplyCommand implements Callable<Integer> {
  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(
      names = {"-f", "--file"},
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "files or folders of YAML; - is standard input")
  List<String> files = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    var reader = read(files);
    if (!reader.problems().isEmpty()) {
      throw new MeshException(
          String.join("\n", reader.problems().stream().map(Problem::toString).toList()));
    }
    var objects = new ArrayList<Object>();
    var origins = new ArrayList<Object>();
    for (var manifest : reader.manifests()) {
      objects.add(manifest.object().fields());
      origins.add(
          Map.of("file", manifest.origin().file(), "document", manifest.origin().document()));
    }
    var answer = name.mesh().call("apply", Map.of("objects", objects, "origins", origins), _ -> {});
    dev.kiri.local.store.KubeObject.textsOf(answer.get("warnings")).forEach(System.err::println);
    for (var manifest : reader.manifests()) {
      var key = manifest.object().key();
      facts.tell(key + " applied", Facts.object(key, "applied"));
    }
    return 0;
  }

  static ManifestReader read(List<String> files) throws IOException {
    var reader = new ManifestReader();
    for (var file : files) {
      if (file.equals("-")) {
        reader.readText("-", new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
      } else {
        reader.read(Path.of(file));
      }
    }
    return reader;
  }
}
