package dev.kiri.cli;

import dev.kiri.cli.dump.WorkloadTable;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config workload`.
@Command(
    name = "workload",
    aliases = {"w", "workloads"},
    description = "Shows the workloads a node proxy knows.")
final class WorkloadCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(names = "--address", paramLabel = "IP", description = "only the workload of this address")
  private String address = "";

  @Option(
      names = "--workload-namespace",
      paramLabel = "NAMESPACE",
      description = "only workloads of this namespace")
  private String namespace = "";

  @Option(
      names = "--workload-node",
      paramLabel = "NODE",
      description = "only workloads on this node")
  private String node = "";

  WorkloadCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var filter = new WorkloadTable.Filter(address, namespace, node);
    var dump = flags.dump(root);
    root.print(
        format == Format.SHORT
            ? WorkloadTable.of(dump, filter)
            : format.text(Trees.of(filter.of(dump))));
  }
}
