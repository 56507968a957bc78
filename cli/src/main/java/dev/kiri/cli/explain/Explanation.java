package dev.kiri.cli.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The stages of a connection's way, in order, and whether it gets to the end. Immutable.
///
/// @param from the pod that connects, `name.namespace`
public record Explanation(String from, Question question, List<Stage> stages) {

  /// What one proxy decides.
  ///
  /// @param at the proxy, `name.namespace`, and what it is on the way
  /// @param stops that the connection ends here
  /// @param answer of the proxy as it came; empty where it was not asked
  public record Stage(
      String at, String decision, boolean stops, List<String> steps, Map<String, Object> answer) {
    public Stage {
      steps = List.copyOf(steps);
    }
  }

  public Explanation {
    stages = List.copyOf(stages);
  }

  /// Whether the connection would get through as far as anybody could be asked.
  public boolean carried() {
    return stages.stream().noneMatch(Stage::stops);
  }

  private String target() {
    var host = question.to().indexOf(':') < 0 ? question.to() : "[" + question.to() + "]";
    return host + ":" + question.port();
  }

  private String verdict() {
    for (int i = 0; i < stages.size(); i++) {
      if (stages.get(i).stops()) {
        return "refused at stage " + (i + 1) + ": " + stages.get(i).decision();
      }
    }
    return "carried";
  }

  /// For people.
  public String text() {
    var out = new StringBuilder(from).append(" to ").append(target()).append('\n');
    for (int i = 0; i < stages.size(); i++) {
      var stage = stages.get(i);
      out.append('\n').append(i + 1).append(". ").append(stage.at()).append('\n');
      out.append("   ").append(stage.decision()).append('\n');
      stage.steps().forEach(step -> out.append("     - ").append(step).append('\n'));
    }
    return out.append('\n').append(verdict()).append('\n').toString();
  }

  /// For programs.
  public Map<String, Object> tree() {
    var tree = new LinkedHashMap<String, Object>();
    tree.put("from", from);
    tree.put("to", target());
    tree.put("carried", carried());
    tree.put("verdict", verdict());
    var all = new ArrayList<Map<String, Object>>();
    for (var stage : stages) {
      var one = new LinkedHashMap<String, Object>();
      one.put("at", stage.at());
      one.put("decision", stage.decision());
      one.put("stops", stage.stops());
      one.put("steps", stage.steps());
      one.put("answer", stage.answer());
      all.add(one);
    }
    tree.put("stages", all);
    return tree;
  }
}
