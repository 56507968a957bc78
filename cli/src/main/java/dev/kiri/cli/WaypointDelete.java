package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `kirictl waypoint delete`: deletes waypoints, and never a Gateway of another class. Labels that
/// point to a waypoint stay.
@Command(name = "delete", description = "Deletes waypoints.")
final class WaypointDelete implements Runnable {
  private final Kirictl root;

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "the waypoints to delete")
  private List<String> names = new ArrayList<>();

  @Option(names = "--all", description = "all waypoints of the namespace")
  private boolean all;

  @Option(
      names = {"-r", "--revision"},
      paramLabel = "REVISION",
      description = "all waypoints of this revision")
  private @Nullable String revision;

  WaypointDelete(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    boolean byRevision = revision != null && !revision.isEmpty();
    if (!names.isEmpty() && (all || byRevision)) {
      throw CommandFailed.because("cannot specify waypoint names when deleting all waypoints");
    }
    if (names.isEmpty() && !all && !byRevision) {
      throw CommandFailed.because(
          "must specify a waypoint name or delete all using --all or delete specific revision using"
              + " --revision");
    }
    var cluster = root.cluster();
    var waypoints = Waypoints.among(cluster.list("Gateway", root.namespace()));
    var chosen =
        names.isEmpty()
            ? waypoints.stream().filter(gateway -> !byRevision || isOfRevision(gateway)).toList()
            : named(waypoints);
    delete(cluster, chosen);
  }

  private boolean isOfRevision(KubeObject gateway) {
    return gateway.labels().getOrDefault(Waypoints.REVISION_LABEL, "").equals(revision);
  }

  private List<KubeObject> named(List<KubeObject> waypoints) {
    var chosen = new ArrayList<KubeObject>();
    for (var name : names) {
      waypoints.stream()
          .filter(gateway -> gateway.name().equals(name))
          .findFirst()
          .ifPresentOrElse(
              chosen::add,
              () -> root.print("waypoint " + root.namespace() + "/" + name + " not found\n"));
    }
    return chosen;
  }

  private void delete(Cluster cluster, List<KubeObject> waypoints) {
    var problems = new ArrayList<String>();
    for (var gateway : waypoints) {
      try {
        cluster.delete(gateway.key());
        root.print("waypoint " + Waypoints.fullName(gateway) + " deleted\n");
      } catch (MeshException problem) {
        problems.add(problem.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw CommandFailed.because(String.join("\n", problems));
    }
  }
}
