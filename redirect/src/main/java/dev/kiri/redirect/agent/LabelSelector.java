package dev.kiri.redirect.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// A Kubernetes label selector. Immutable; one without conditions matches everything.
record LabelSelector(List<Condition> conditions) {
  LabelSelector {
    conditions = List.copyOf(conditions);
  }

  /// One condition on one label.
  sealed interface Condition {
    record In(String key, Set<String> values) implements Condition {}

    record NotIn(String key, Set<String> values) implements Condition {}

    record Exists(String key) implements Condition {}

    record DoesNotExist(String key) implements Condition {}
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  boolean matches(Map<String, String> labels) {
    return conditions.stream().allMatch(condition -> holds(condition, labels));
  }

  private static boolean holds(Condition condition, Map<String, String> labels) {
    return switch (condition) {
      case Condition.In(var key, var values) ->
          labels.containsKey(key) && values.contains(labels.get(key));
      case Condition.NotIn(var key, var values) ->
          !labels.containsKey(key) || !values.contains(labels.get(key));
      case Condition.Exists(var key) -> labels.containsKey(key);
      case Condition.DoesNotExist(var key) -> !labels.containsKey(key);
    };
  }

  /// Reads the object form.
  ///
  /// @throws IllegalArgumentException naming what is not understood
  static LabelSelector parse(JsonNode node) {
    var conditions = new ArrayList<Condition>();
    for (var field : node.properties()) {
      switch (field.getKey()) {
        case "matchLabels" ->
            field
                .getValue()
                .properties()
                .forEach(
                    label ->
                        conditions.add(
                            new Condition.In(
                                label.getKey(), Set.of(label.getValue().asString("")))));
        case "matchExpressions" ->
            field.getValue().forEach(expression -> conditions.add(expression(expression)));
        default ->
            throw new IllegalArgumentException(
                "unknown field " + field.getKey() + ", expected matchLabels or matchExpressions");
      }
    }
    return new LabelSelector(conditions);
  }

  private static Condition expression(JsonNode node) {
    var key = node.path("key").asString("");
    if (key.isEmpty()) {
      throw new IllegalArgumentException("matchExpressions entry without key");
    }
    var values =
        Set.copyOf(node.path("values").valueStream().map(value -> value.asString("")).toList());
    var operator = node.path("operator").asString("");
    return switch (operator) {
      case "In" -> new Condition.In(key, values);
      case "NotIn" -> new Condition.NotIn(key, values);
      case "Exists" -> new Condition.Exists(key);
      case "DoesNotExist" -> new Condition.DoesNotExist(key);
      default ->
          throw new IllegalArgumentException(
              "operator '" + operator + "', expected In, NotIn, Exists or DoesNotExist");
    };
  }
}
