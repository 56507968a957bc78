package dev.kiri.mesh.xds;

import java.util.List;

/// Takes the changes of one response. Called on the client's thread, one response at a time.
@FunctionalInterface
public interface ResourceHandler<T> {

  /// Applies updates in their order, then removals, and says which updates it refused. What was
  /// not refused stays applied.
  List<Rejection> apply(List<NamedResource<T>> updated, List<String> removed);

  /// Told, before [#apply] of the same response, of resources that could not even be parsed.
  default void unparsable(List<Rejection> rejections) {}
}
