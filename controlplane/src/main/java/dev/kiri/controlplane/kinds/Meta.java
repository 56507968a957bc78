package dev.kiri.controlplane.kinds;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The metadata of an object as far as the mesh uses it.
///
/// @param created [Instant#EPOCH] where the document has none (a user's file)
/// @param controller the owner with `controller: true`, if any
public record Meta(
    String namespace,
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    Instant created,
    long generation,
    boolean deleting,
    String generateName,
    @Nullable Owner controller) {
  /// A controlling owner.
  public record Owner(String kind, String name, String uid) {}

  /// A label's value, or null.
  public @Nullable String label(String key) {
    return labels.get(key);
  }

  /// An annotation's value, or null.
  public @Nullable String annotation(String key) {
    return annotations.get(key);
  }

  /// The same with other labels.
  public Meta withLabels(Map<String, String> others) {
    return new Meta(
        namespace,
        name,
        uid,
        Map.copyOf(others),
        annotations,
        created,
        generation,
        deleting,
        generateName,
        controller);
  }

  static Meta read(Fields meta, Kind kind) {
    String name = meta.required("name");
    String namespace = meta.stringOr("namespace", "");
    if (kind.namespaced() && namespace.isEmpty()) {
      namespace = "default";
    } else if (!kind.namespaced() && !namespace.isEmpty()) {
      meta.warning("namespace", Fields.show(namespace), "nothing (the kind is cluster-scoped)");
      namespace = "";
    }
    checkName(meta, "name", name);
    checkName(meta, "namespace", namespace);
    Owner controller = null;
    for (Owner owner : meta.list("ownerReferences", Meta::owner)) {
      if (!owner.kind().isEmpty()) {
        controller = owner;
      }
    }
    Meta result =
        new Meta(
            namespace,
            name,
            meta.stringOr("uid", ""),
            meta.stringMap("labels"),
            meta.stringMap("annotations"),
            created(meta),
            meta.number("generation", 0, 0, Long.MAX_VALUE),
            meta.has("deletionTimestamp"),
            meta.stringOr("generateName", ""),
            controller);
    meta.ignore(
        "deletionTimestamp",
        "resourceVersion",
        "managedFields",
        "selfLink",
        "finalizers",
        "deletionGracePeriodSeconds",
        "clusterName");
    meta.done();
    return result;
  }

  private static Owner owner(Fields owner) {
    boolean controls = owner.bool("controller", false);
    Owner read =
        new Owner(
            owner.stringOr("kind", ""), owner.stringOr("name", ""), owner.stringOr("uid", ""));
    return controls ? read : new Owner("", "", "");
  }

  private static Instant created(Fields meta) {
    String text = meta.string("creationTimestamp");
    if (text == null) {
      return Instant.EPOCH;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      meta.error("creationTimestamp", Fields.show(text), "a time such as 2026-01-31T12:00:00Z");
      return Instant.EPOCH;
    }
  }

  private static void checkName(Fields meta, String field, String value) {
    if (value.isEmpty()) {
      return;
    }
    boolean sound = value.length() <= 253 && !value.startsWith(".") && !value.startsWith("-");
    for (int i = 0; i < value.length() && sound; i++) {
      char c = value.charAt(i);
      sound = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
    }
    if (!sound) {
      meta.error(
          field,
          Fields.show(value),
          "lower case letters, digits, - and . (a DNS name of at most 253 characters)");
    }
  }

  /// Metadata with namespace and name only, for tests and made-up objects.
  public static Meta of(String namespace, String name) {
    return new Meta(namespace, name, "", Map.of(), Map.of(), Instant.EPOCH, 0, false, "", null);
  }

  static final List<String> TOP_LEVEL = List.of("apiVersion", "kind", "metadata", "spec", "status");
}
