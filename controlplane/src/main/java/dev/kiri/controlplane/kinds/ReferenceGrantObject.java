package dev.kiri.controlplane.kinds;

import java.util.List;

/// A ReferenceGrant: who may name objects of this namespace from another one.
public record ReferenceGrantObject(Meta meta, List<From> from, List<To> to) implements MeshObject {
  /// Objects that refer.
  public record From(String group, String kind, String namespace) {}

  /// Objects referred to; an empty name is every object of the kind.
  public record To(String group, String kind, String name) {}

  @Override
  public Kind kind() {
    return Kind.REFERENCE_GRANT;
  }

  static ReferenceGrantObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    ReferenceGrantObject read =
        new ReferenceGrantObject(
            meta,
            spec.list(
                "from",
                f -> {
                  From from =
                      new From(
                          f.stringOr("group", ""), f.required("kind"), f.required("namespace"));
                  f.done();
                  return from;
                }),
            spec.list(
                "to",
                t -> {
                  To to =
                      new To(t.stringOr("group", ""), t.required("kind"), t.stringOr("name", ""));
                  t.done();
                  return to;
                }));
    spec.done();
    return read;
  }
}
