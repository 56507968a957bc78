package dev.kiri.local.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/// One step of the demo, told.
public record StepResult(String step, String expected, String observed, boolean ok, long millis) {
  /// As the JSON object that `--output json` prints.
  public Map<String, Object> fields() {
    var out = new LinkedHashMap<String, Object>();
    out.put("step", step);
    out.put("expected", expected);
    out.put("observed", observed);
    out.put("ok", ok);
    out.put("millis", millis);
    return out;
  }
}
