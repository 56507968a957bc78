package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Yaml;
import dev.kiri.controlplane.source.ObjectChange;
import java.util.ArrayList;
import java.util.List;

/// Objects from YAML text, for tests.
public final class Objects {
  private Objects() {}

  /// The changes that put all documents of the texts.
  public static List<ObjectChange> puts(String... texts) {
    List<ObjectChange> changes = new ArrayList<>();
    for (String text : texts) {
      for (Object tree : parse(text)) {
        changes.add(put(tree));
      }
    }
    return changes;
  }

  public static ObjectChange put(Object tree) {
    return switch (Decoder.decode(tree, new Origin("test.yaml", 1))) {
      case Decoded.Accepted(MeshObject object, var problems) ->
          new ObjectChange.Put(object, problems);
      case Decoded other -> throw new IllegalArgumentException(other.problems().toString());
    };
  }

  public static ObjectKey key(Object tree) {
    return java.util.Objects.requireNonNull(Decoder.keyOf(tree));
  }

  public static List<Object> parse(String text) {
    try {
      return Yaml.documents(text, "test");
    } catch (Yaml.Malformed e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /// The one object of a text.
  public static <T extends MeshObject> T object(Class<T> type, String text) {
    ObjectChange change = puts(text).getFirst();
    return type.cast(((ObjectChange.Put) change).object());
  }
}
