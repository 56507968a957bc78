package dev.kiri.cli;

import dev.kiri.cli.dump.ConfigDump;
import dev.kiri.cli.dump.ServiceTable;
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
    flags.print(root, namespace, ConfigDump::services, ServiceTable::of);
  }
}
