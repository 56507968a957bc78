package dev.kiri.local.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// Reads and writes YAML with the settings of all manifests: YAML 1.2 core schema, duplicate keys
/// refused, aliases bounded.
public final class Yaml {
  /// Guards against alias bombs; the largest manifests people write use a handful.
  private static final int MAX_ALIASES = 200;

  private Yaml() {}

  /// All documents of a text, empty ones left out.
  ///
  /// @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException with line and column
  public static List<Object> documents(String label, String text) {
    var settings =
        LoadSettings.builder()
            .setLabel(label)
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .build();
    var out = new ArrayList<Object>();
    new Load(settings)
        .loadAllFromString(text)
        .forEach(
            d -> {
              if (d != null) {
                out.add(d);
              }
            });
    return out;
  }

  public static String text(Map<String, Object> document) {
    var settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .setDereferenceAliases(true)
            .setWidth(160)
            .build();
    return new Dump(settings).dumpToString(document);
  }
}
