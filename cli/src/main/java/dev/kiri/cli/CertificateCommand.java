package dev.kiri.cli;

import dev.kiri.cli.dump.CertificateTable;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `kirictl ztunnel-config certificate`. Asked about a pod, it shows the certificate of that pod.
@Command(
    name = "certificate",
    aliases = {"certificates", "certs", "cert"},
    description = "Shows the certificates a node proxy holds for its pods.")
final class CertificateCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  CertificateCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var dump = flags.dumpOfOne(root);
    root.print(
        format == Format.SHORT
            ? CertificateTable.of(dump, root.surroundings().clock().instant())
            : format.text(Trees.of(dump.certificates())));
  }
}
