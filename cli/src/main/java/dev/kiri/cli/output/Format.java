package dev.kiri.cli.output;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// How a command shows what it found: `-o short`, `-o json` or `-o yaml`.
public enum Format {
  SHORT,
  JSON,
  YAML;

  /// @throws CommandFailed with upstream's text for anything but the three words
  public static Format parse(String text) {
    return switch (text) {
      case "", "short", "table" -> SHORT;
      case "json" -> JSON;
      case "yaml" -> YAML;
      default -> throw CommandFailed.because("output format \"" + text + "\" not supported");
    };
  }

  /// A tree of maps, lists and scalars as this format, ended by a newline. JSON is indented by four
  /// spaces and keeps the order of keys, YAML sorts them: both as upstream prints them.
  public String text(@Nullable Object tree) {
    return switch (this) {
      case YAML -> yaml(tree);
      case SHORT, JSON -> json(tree);
    };
  }

  private static String json(@Nullable Object tree) {
    var indenter = new DefaultIndenter("    ", "\n");
    var separators =
        Separators.createDefaultInstance()
            .withObjectNameValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    var printer =
        new DefaultPrettyPrinter(separators)
            .withArrayIndenter(indenter)
            .withObjectIndenter(indenter);
    return JsonMapper.shared().writer().with(printer).writeValueAsString(tree) + "\n";
  }

  private static String yaml(@Nullable Object tree) {
    var text =
        YAMLMapper.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.SPLIT_LINES)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE)
            .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build()
            .writeValueAsString(sorted(tree));
    return text.endsWith("\n") ? text : text + "\n";
  }

  private static @Nullable Object sorted(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> {
        var out = new TreeMap<String, @Nullable Object>();
        map.forEach((key, value) -> out.put(String.valueOf(key), sorted(value)));
        yield out;
      }
      case Iterable<?> list -> {
        var out = new java.util.ArrayList<@Nullable Object>();
        list.forEach(value -> out.add(sorted(value)));
        yield out;
      }
      case null -> null;
      default -> tree;
    };
  }

  /// The words a user may give, for help texts.
  public static String words() {
    return java.util.Arrays.stream(values())
        .map(format -> format.name().toLowerCase(java.util.Locale.ROOT))
        .collect(Collectors.joining("|"));
  }
}
