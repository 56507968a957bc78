package dev.kiri.cli;

import dev.kiri.cli.dump.CertificateTable;
import dev.kiri.cli.dump.ConfigDump;
import dev.kiri.cli.dump.ConnectionTable;
import dev.kiri.cli.dump.PolicyTable;
import dev.kiri.cli.dump.ServiceTable;
import dev.kiri.cli.dump.WorkloadTable;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config all`: every table, or the whole dump.
@Command(name = "all", description = "Shows all that a node proxy knows and does.")
final class AllCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(names = "--with-headers", description = "a title line above each table")
  private boolean titles;

  AllCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var dump = flags.dump(root);
    root.print(format == Format.SHORT ? tables(dump) : format.text(dump.tree()));
  }

  private String tables(ConfigDump dump) {
    var now = root.surroundings().clock().instant();
    return title("WORKLOAD")
        + WorkloadTable.of(dump, WorkloadTable.Filter.ALL)
        + title("SERVICE")
        + ServiceTable.of(dump, "")
        + title("POLICY")
        + PolicyTable.of(dump, "")
        + title("SECRET")
        + CertificateTable.of(dump, now)
        + title("CONNECTIONS")
        + ConnectionTable.of(dump, ConnectionTable.Filter.ALL, false);
  }

  private String title(String name) {
    return titles ? "\n------ " + name + " INFO ------\n\n" : "\n";
  }
}
