package dev.kiri.local.command;

import dev.kiri.local.api.LocalMesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Disturbs the running mesh.
@Command(
    name = "fault",
    description =
        "Disturb the mesh: partition NODE NODE | delay NS/POD 20ms | loss NS/POD 10%% | kill [-9]"
            + " NS/POD, ztunnel/NODE, redirect/NODE, controlplane | clear",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri fault partition node-1 node-2",
      "  ./kiri fault delay shop/orders 20ms",
      "  ./kiri fault kill -9 ztunnel/node-1",
      "  ./kiri fault clear"
    })
final class FaultCommand implements Callable<Integer> {
  private static final Set<String> FAULTS = Set.of("partition", "delay", "loss", "kill", "clear");

  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(names = "-9", description = "kill at once; the default")
  boolean atOnce;

  @Parameters(arity = "1..*", paramLabel = "FAULT")
  List<String> words = new ArrayList<>();

  @Override
  public Integer call() {
    var mesh = name.mesh();
    var rest = words.subList(1, words.size());
    var question = question(mesh, words.getFirst(), rest);
    var operation = words.getFirst().equals("kill") ? "crash" : "fault";
    var asked = new java.util.LinkedHashMap<>(question);
    asked.put("fault", words.getFirst());
    mesh.call(operation, asked, _ -> {});
    facts.tell(String.join(" ", words) + ": done", Facts.fault(words.getFirst(), rest));
    return 0;
  }

  private Map<String, Object> question(LocalMesh mesh, String fault, List<String> rest) {
    int wanted = fault.equals("clear") ? 0 : fault.equals("kill") ? 1 : 2;
    if (!FAULTS.contains(fault) || rest.size() != wanted) {
      throw new NotUnderstood(
          "\""
              + String.join(" ", words)
              + "\" is no fault; accepted: partition NODE NODE, "
              + "delay NS/POD TIME, loss NS/POD PERCENT, kill [-9] PART, clear");
    }
    if (fault.equals("clear")) {
      return Map.of();
    }
    if (fault.equals("partition")) {
      return Map.of("nodes", rest);
    }
    var pod = PodNames.find(mesh, rest.getFirst());
    return Map.of(
        "namespace", pod.namespace(), "pod", pod.name(), "effect", List.of(fault, rest.getLast()));
  }
}
