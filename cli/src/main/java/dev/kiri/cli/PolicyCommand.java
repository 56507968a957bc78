package dev.kiri.cli;

import dev.kiri.cli.dump.ConfigDump;
import dev.kiri.cli.dump.PolicyTable;
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
    flags.print(root, namespace, ConfigDump::policies, PolicyTable::of);
  }
}
