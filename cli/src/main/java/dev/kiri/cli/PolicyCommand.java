package dev.kiri.cli;

import dev.kiri.cli.dump.PolicyTable;
import dev.kiri.cli.dump.ServiceTable;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config policy`. Asked about a pod, it shows the policies that guard that pod.
@Command(
    name = "policy",
    aliases = {"policies", "p", "pol"},
    description = "Shows the policies a node proxy enforces.")
final class PolicyCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(
      names = "--policy-namespace",
      paramLabel = "NAMESPACE",
      description = "only policies of this namespace")
  private String namespace = "";

  PolicyCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var dump = flags.dump(root);
    root.print(
        format == Format.SHORT
            ? PolicyTable.of(dump, namespace)
            : format.text(Trees.of(ServiceTable.inNamespace(dump.policies(), namespace))));
  }
}
