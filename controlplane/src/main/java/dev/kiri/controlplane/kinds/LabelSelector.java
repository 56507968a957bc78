package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Kubernetes label selector. An empty one matches everything.
public record LabelSelector(Map<String, String> matchLabels, List<Expression> expressions) {
  /// One of `In`, `NotIn`, `Exists`, `DoesNotExist` over a key.
  public record Expression(String key, String operator, List<String> values) {
    boolean matches(@Nullable String value) {
      return switch (operator) {
        case "In" -> value != null && values.contains(value);
        case "NotIn" -> value == null || !values.contains(value);
        case "Exists" -> value != null;
        case "DoesNotExist" -> value == null;
        default -> false;
      };
    }
  }

  /// Whether labels satisfy the selector.
  public boolean matches(Map<String, String> labels) {
    for (var wanted : matchLabels.entrySet()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (Expression expression : expressions) {
      if (!expression.matches(labels.get(expression.key()))) {
        return false;
      }
    }
    return true;
  }

  static LabelSelector read(Fields selector) {
    LabelSelector read =
        new LabelSelector(
            selector.stringMap("matchLabels"),
            selector.list(
                "matchExpressions",
                e -> {
                  Expression expression =
                      new Expression(
                          e.required("key"),
                          e.choice(
                              "operator",
                              "Never",
                              List.of("In", "NotIn", "Exists", "DoesNotExist")),
                          e.strings("values"));
                  e.done();
                  return expression;
                }));
    selector.done();
    return read;
  }

  /// Whether plain labels contain all pairs of a map selector; an empty selector matches nothing,
  /// as a Service's does.
  public static boolean selects(Map<String, String> selector, Map<String, String> labels) {
    return !selector.isEmpty() && new LabelSelector(selector, List.of()).matches(labels);
  }
}
