package dev.kiri.local.command;

import dev.kiri.local.manifest.Manifest;
import dev.kiri.local.store.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Removes objects from the running mesh.
@Command(
    name = "delete",
    description = "Delete objects of the running mesh.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri delete AuthorizationPolicy shop/orders-callers",
      "  ./kiri delete -f policy.yaml -o json"
    })
final class DeleteCommand implements Callable<Integer> {
  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(
      names = {"-f", "--file"},
      arity = "1..*",
      paramLabel = "PATH",
      description = "delete what these files name")
  List<String> files = new ArrayList<>();

  @Option(
      names = {"-n", "--namespace"},
      defaultValue = "default",
      description = "the namespace of NAME")
  String namespace = "default";

  @Parameters(arity = "0..2", paramLabel = "KIND NS/NAME")
  List<String> object = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    var keys = new ArrayList<ObjectKey>();
    if (!files.isEmpty()) {
      ApplyCommand.read(files).manifests().stream()
          .map(Manifest::object)
          .forEach(o -> keys.add(o.key()));
    } else if (object.size() == 2) {
      keys.add(ObjectNames.key(object.getFirst(), object.getLast(), namespace));
    } else {
      throw new NotUnderstood("delete needs -f PATH or KIND NS/NAME");
    }
    var mesh = name.mesh();
    int missing = 0;
    for (var key : keys.reversed()) {
      if (mesh.delete(key)) {
        facts.tell(key + " deleted", Facts.object(key, "deleted"));
      } else {
        System.err.println(key + " does not exist");
        facts.tell("", Facts.object(key, "not found"));
        missing++;
      }
    }
    return missing == 0 ? 0 : 1;
  }
}
