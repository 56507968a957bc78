package dev.kiri.local.manifest;

import dev.kiri.local.store.Kind;
import dev.kiri.local.store.Kind.Treatment;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// The fields of each kind, read once from `schemas.yaml`. Immutable.
public final class Schemas {
  private final Map<String, Schema> byKind;

  private Schemas(Map<String, Schema> byKind) {
    this.byKind = Map.copyOf(byKind);
  }

  /// The schemas that come with this module.
  public static Schemas load() {
    try (var in = Schemas.class.getResourceAsStream("schemas.yaml")) {
      if (in == null) {
        throw new IllegalStateException(
            "schemas.yaml is missing beside " + Schemas.class.getName());
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("reading schemas.yaml", e);
    }
  }

  static Schemas parse(String yaml) {
    var document = KubeObject.asMap(Yaml.documents("schemas.yaml", yaml).getFirst());
    var types = KubeObject.asMap(document.get("types"));
    var out = new HashMap<String, Schema>();
    KubeObject.asMap(document.get("kinds"))
        .forEach((kind, fields) -> out.put(kind, Schema.of(fields, types)));
    return new Schemas(out);
  }

  /// Reports every field of an object that is unknown or holds what it may not.
  void check(KubeObject object, Report report) {
    var schema = byKind.get(object.kind());
    if (schema != null) {
      schema.check("", object.fields(), report);
    }
  }

  static String kindsForPeople() {
    return Kind.all().stream()
        .filter(k -> k.treatment() == Treatment.KNOWN)
        .map(Kind::name)
        .collect(Collectors.joining(", "));
  }
}
