package dev.kiri.cli;

import dev.kiri.cli.dump.ServiceTable;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config service`. Asked about a pod, it shows the services that pod backs.
@Command(
    name = "service",
    aliases = {"services", "s", "svc"},
    description = "Shows the services a node proxy knows.")
final class ServiceCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(
      names = "--service-namespace",
      paramLabel = "NAMESPACE",
      description = "only services of this namespace")
  private String namespace = "";

  ServiceCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var dump = flags.dump(root);
    root.print(
        format == Format.SHORT
            ? ServiceTable.of(dump, namespace)
            : format.text(Trees.of(ServiceTable.inNamespace(dump.services(), namespace))));
  }
}
