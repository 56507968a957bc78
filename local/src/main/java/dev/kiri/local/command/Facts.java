package dev.kiri.local.command;

import dev.kiri.local.api.Json;
import dev.kiri.local.store.ObjectKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/// The option of commands that say what they did: a line for people, or one JSON object a fact, on
/// standard output. Warnings, progress and errors stay text on standard error in both.
final class Facts {
  /// How a fact is told.
  enum Form {
    TEXT,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      defaultValue = "TEXT",
      paramLabel = "FORM",
      description = "text, or json: one object a line")
  Form form = Form.TEXT;

  /// @param text the line for people, empty where they need none
  void tell(String text, Map<String, Object> fact) {
    var line = form == Form.JSON ? Json.line(fact) : text;
    if (!line.isEmpty()) {
      System.out.println(line);
      System.out.flush();
    }
  }

  static Map<String, Object> ready(String mesh, long millis) {
    var fact = new LinkedHashMap<String, Object>();
    fact.put("mesh", mesh);
    fact.put("ready", true);
    fact.put("millis", millis);
    return fact;
  }

  static Map<String, Object> removed(String mesh) {
    var fact = new LinkedHashMap<String, Object>();
    fact.put("mesh", mesh);
    fact.put("removed", true);
    return fact;
  }

  static Map<String, Object> object(ObjectKey key, String result) {
    var fact = new LinkedHashMap<String, Object>();
    fact.put("kind", key.kind());
    fact.put("namespace", key.namespace());
    fact.put("name", key.name());
    fact.put("result", result);
    return fact;
  }

  static Map<String, Object> fault(String fault, List<String> arguments) {
    var fact = new LinkedHashMap<String, Object>();
    fact.put("fault", fault);
    fact.put("arguments", arguments);
    fact.put("done", true);
    return fact;
  }
}
