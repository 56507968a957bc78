package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.HeaderName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A header's value with variables in Envoy's form: `%DOWNSTREAM_REMOTE_ADDRESS%`, `%REQ(name)%`;
/// `%%` is a percent sign. Immutable.
public final class ValueFormat {
  /// What a variable stands for.
  public enum Variable {
    DOWNSTREAM_REMOTE_ADDRESS,
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_REMOTE_PORT,
    DOWNSTREAM_LOCAL_ADDRESS,
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_LOCAL_PORT,
    DOWNSTREAM_PEER_URI_SAN,
    DOWNSTREAM_LOCAL_URI_SAN,
    ROUTE_NAME,
    START_TIME,
    /// A field of the request, by the name in parentheses.
    REQ
  }

  /// What the variables are for one request.
  @FunctionalInterface
  public interface Variables {
    /// @param argument what stands in parentheses, empty without
    /// @return `-` where there is none
    String value(Variable variable, String argument);
  }

  private sealed interface Part {
    record Text(String text) implements Part {}

    record Value(Variable variable, String argument) implements Part {}
  }

  private static final Set<String> PSEUDO = Set.of(":authority", ":method", ":path");

  private final List<Part> parts;

  private ValueFormat(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /// @throws IllegalArgumentException naming what is wrong
  public static ValueFormat parse(String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int percent = text.indexOf('%', at);
      if (percent < 0) {
        parts.add(new Part.Text(text.substring(at)));
        break;
      }
      if (percent > at) {
        parts.add(new Part.Text(text.substring(at, percent)));
      }
      int end = text.indexOf('%', percent + 1);
      if (end < 0) {
        throw new IllegalArgumentException("\"" + text + "\" has a % without an end");
      }
      parts.add(
          end == percent + 1 ? new Part.Text("%") : variable(text.substring(percent + 1, end)));
      at = end + 1;
    }
    return new ValueFormat(parts);
  }

  private static Part variable(String written) {
    int open = written.indexOf('(');
    boolean argued = open > 0 && written.endsWith(")");
    String name = argued ? written.substring(0, open) : written;
    for (Variable variable : Variable.values()) {
      if (variable.name().equals(name) && argued == (variable == Variable.REQ)) {
        return new Part.Value(
            variable, argued ? field(written.substring(open + 1, written.length() - 1)) : "");
      }
    }
    throw new IllegalArgumentException("%" + written + "% is no variable that is known");
  }

  private static String field(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return PSEUDO.contains(lower) ? lower : HeaderName.of(lower).toString();
  }

  public String text(Variables variables) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(
          switch (part) {
            case Part.Text(String fixed) -> fixed;
            case Part.Value(Variable variable, String argument) ->
                variables.value(variable, argument);
          });
    }
    return text.toString();
  }
}
