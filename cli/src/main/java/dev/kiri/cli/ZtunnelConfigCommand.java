package dev.kiri.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `kirictl ztunnel-config`: shows its sub-commands.
@Command(
    name = "ztunnel-config",
    aliases = "zc",
    description = "Shows what a node proxy knows and does.")
final class ZtunnelConfigCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  static CommandLine commandLine(Kirictl root) {
    return new CommandLine(new ZtunnelConfigCommand())
        .addSubcommand(new WorkloadCommand(root))
        .addSubcommand(new ServiceCommand(root))
        .addSubcommand(new PolicyCommand(root))
        .addSubcommand(new CertificateCommand(root))
        .addSubcommand(new ConnectionsCommand(root))
        .addSubcommand(new AllCommand(root))
        .addSubcommand(new LogCommand(root));
  }

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }
}
