package dev.kiri.cli.output;

import java.util.ArrayList;
import java.util.List;

/// Rows under a header, in the layout of Go's `text/tabwriter`: a column is as wide as its longest
/// cell plus the padding, the last column is never padded. Widths count characters, not bytes.
public final class Table {
  /// Between the columns of `waypoint list`, `waypoint status` and `ztunnel-config certificate`.
  public static final int WIDE = 5;

  /// Between the columns of the other `ztunnel-config` tables.
  public static final int NARROW = 1;

  private final int padding;
  private final int columns;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(int padding, List<String> header) {
    this.padding = padding;
    this.columns = header.size();
    rows.add(List.copyOf(header));
  }

  public void row(String... cells) {
    row(List.of(cells));
  }

  public void row(List<String> cells) {
    if (cells.size() != columns) {
      throw new IllegalArgumentException(cells.size() + " cells in " + columns + " columns");
    }
    rows.add(List.copyOf(cells));
  }

  /// The header and all rows, each ended by a newline.
  public String text() {
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    var out = new StringBuilder();
    for (var row : rows) {
      for (int i = 0; i < columns - 1; i++) {
        var cell = row.get(i);
        out.append(cell).repeat(' ', widths[i] + padding - width(cell));
      }
      out.append(row.getLast()).append('\n');
    }
    return out.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
