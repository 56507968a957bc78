package dev.kiri.local.mesh;

import dev.kiri.local.manifest.Manifest;
import dev.kiri.local.manifest.Problem;
import dev.kiri.local.manifest.Problem.Severity;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is wrong with the newest text of objects that stay as they were, shown as a condition of
/// them. Immutable.
///
/// @param problems by object, one sentence each
record ManifestConditions(Map<ObjectKey, List<String>> problems) {
  static final ManifestConditions NONE = new ManifestConditions(Map.of());

  private static final String TYPE = "local.kiri.dev/ManifestAccepted";

  ManifestConditions {
    problems = Map.copyOf(problems);
  }

  /// Finds the objects that errors are about; an error of a document without a name is nobody's.
  static ManifestConditions of(List<Manifest> manifests, List<Problem> problems) {
    var out = new LinkedHashMap<ObjectKey, List<String>>();
    for (var manifest : manifests) {
      var object = manifest.object();
      var named = object.kind() + " " + object.name();
      problems.stream()
          .filter(p -> p.severity() == Severity.ERROR)
          .filter(p -> p.origin().equals(manifest.origin()) && p.object().equals(named))
          .forEach(
              p ->
                  out.computeIfAbsent(object.key(), _ -> new ArrayList<>())
                      .add(p.toString().substring("error: ".length())));
    }
    return new ManifestConditions(out);
  }

  /// The object with its condition, if there is anything to say.
  KubeObject shown(KubeObject object) {
    var own = problems.get(object.key());
    if (own == null) {
      return object;
    }
    var conditions = new ArrayList<Object>(object.maps("status", "conditions"));
    var condition = new LinkedHashMap<String, Object>();
    condition.put("type", TYPE);
    condition.put("status", "False");
    condition.put("reason", "Invalid");
    condition.put("message", String.join("; ", own) + "; the last good state stays");
    conditions.add(condition);
    return object.with(conditions, "status", "conditions");
  }
}
