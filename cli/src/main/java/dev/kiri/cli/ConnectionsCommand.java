package dev.kiri.cli;

import dev.kiri.cli.dump.ConnectionTable;
import dev.kiri.cli.dump.ConnectionTable.Direction;
import dev.kiri.cli.dump.ConnectionTable.Filter;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config connections`. Direction and namespace hold for every output format.
@Command(
    name = "connections",
    aliases = "cons",
    description = "Shows the open connections of a node's pods.")
final class ConnectionsCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(
      names = "--direction",
      paramLabel = "DIRECTION",
      description = "only inbound or only outbound connections")
  private String direction = "";

  @Option(names = "--raw", description = "addresses instead of names")
  private boolean raw;

  @Option(
      names = "--workload-namespace",
      paramLabel = "NAMESPACE",
      description = "only of workloads in this namespace")
  private String namespace = "";

  ConnectionsCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = flags.format();
    var filter = new Filter(direction(), namespace);
    var dump = flags.dumpOfOne(root);
    root.print(
        format == Format.SHORT
            ? ConnectionTable.of(dump, filter, raw)
            : format.text(Trees.of(filter.of(dump))));
  }

  private Direction direction() {
    return switch (direction) {
      case "" -> Direction.BOTH;
      case "inbound" -> Direction.INBOUND;
      case "outbound" -> Direction.OUTBOUND;
      default ->
          throw CommandFailed.usage(
              "--direction " + direction + ": accepted are inbound and outbound");
    };
  }
}
