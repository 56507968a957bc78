package dev.kiri.local.command;

import dev.kiri.local.store.Kind;
import dev.kiri.local.store.ObjectKey;

/// Reads what users type for kinds and names. Pure.
final class ObjectNames {
  private ObjectNames() {}

  static Kind kind(String typed) {
    return Kind.typed(typed)
        .orElseThrow(
            () ->
                new NotUnderstood(
                    "there is no kind named "
                        + typed
                        + "; accepted: "
                        + String.join(", ", Kind.all().stream().map(Kind::name).toList())));
  }

  /// `NS/NAME`, or `NAME` in the given namespace.
  static ObjectKey key(String kind, String typed, String namespace) {
    int slash = typed.indexOf('/');
    return slash < 0
        ? ObjectKey.of(kind(kind).name(), namespace, typed)
        : ObjectKey.of(kind(kind).name(), typed.substring(0, slash), typed.substring(slash + 1));
  }
}
