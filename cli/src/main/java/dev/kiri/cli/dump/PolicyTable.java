package dev.kiri.cli.dump;

import dev.kiri.cli.output.Table;
import java.util.Comparator;
import java.util.List;

/// The table of `ztunnel-config policy`.
public final class PolicyTable {
  private static final List<String> HEADER = List.of("NAMESPACE", "POLICY NAME", "ACTION", "SCOPE");

  private PolicyTable() {}

  public static String of(ConfigDump dump, String namespace) {
    var table = new Table(Table.NARROW, HEADER);
    Element.inNamespace(dump.policies(), namespace).stream()
        .sorted(
            Comparator.comparing((Element p) -> p.text("namespace"))
                .thenComparing(p -> p.text("name")))
        .forEach(
            p -> table.row(p.text("namespace"), p.text("name"), p.text("action"), p.text("scope")));
    return table.text();
  }
}
