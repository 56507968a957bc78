package dev.kiri.controlplane.kinds;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// YAML text to trees and back. Stateless; bounded by the parser's limits on nesting, aliases and
/// size.
public final class Yaml {
  /// Largest file that is read, in code points.
  public static final int MAX_CODE_POINTS = 16 * 1024 * 1024;

  private static final int MAX_DEPTH = 100;

  /// Lines are not folded: conditions are looked for by their text.
  private static final int MAX_LINE = 100_000;

  private Yaml() {}

  /// A text that is no YAML: what is wrong and where.
  public static final class Malformed extends Exception {
    Malformed(String message) {
      super(message);
    }
  }

  /// The documents of a text, empty ones included as null-free trees (an empty document is skipped
  /// by returning an empty map).
  public static List<Object> documents(String text, String name) throws Malformed {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setSchema(new CoreSchema())
            .setCodePointLimit(MAX_CODE_POINTS)
            .setMaxAliasesForCollections(50)
            .setAllowDuplicateKeys(false)
            .build();
    List<Object> documents = new ArrayList<>();
    try {
      for (Object document : new Load(settings).loadAllFromString(text)) {
        documents.add(document == null ? Map.of() : bounded(document, 0));
      }
    } catch (MarkedYamlEngineException e) {
      var at = e.getProblemMark();
      String where =
          at.isPresent()
              ? "line " + (at.get().getLine() + 1) + " column " + (at.get().getColumn() + 1) + ": "
              : "";
      throw new Malformed(where + e.getProblem());
    } catch (YamlEngineException e) {
      throw new Malformed(Objects.requireNonNullElse(e.getMessage(), "malformed"));
    }
    return documents;
  }

  private static Object bounded(Object value, int depth) throws Malformed {
    if (depth > MAX_DEPTH) {
      throw new Malformed("nested deeper than " + MAX_DEPTH);
    }
    if (value instanceof Map<?, ?> map) {
      for (Object each : map.values()) {
        if (each != null) {
          bounded(each, depth + 1);
        }
      }
    } else if (value instanceof List<?> list) {
      for (Object each : list) {
        if (each != null) {
          bounded(each, depth + 1);
        }
      }
    }
    return value;
  }

  /// A tree as one document in block style.
  public static String write(Map<String, ?> tree) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .setDereferenceAliases(true)
            .setWidth(MAX_LINE)
            .build();
    return new Dump(settings).dumpToString(tree);
  }

  /// One tree over another: maps are merged, everything else of `over` replaces.
  public static Map<String, Object> merge(Map<?, ?> under, Map<?, ?> over) {
    Map<String, Object> merged = new LinkedHashMap<>();
    under.forEach((key, value) -> merged.put(String.valueOf(key), value));
    over.forEach(
        (key, value) -> {
          Object old = merged.get(String.valueOf(key));
          merged.put(
              String.valueOf(key),
              old instanceof Map<?, ?> a && value instanceof Map<?, ?> b ? merge(a, b) : value);
        });
    return merged;
  }
}
