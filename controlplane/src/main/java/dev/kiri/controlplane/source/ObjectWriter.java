package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.ObjectKey;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// Writes objects and status. Implementations are thread-safe, block, and write nothing where
/// nothing changes.
public interface ObjectWriter {
  /// Creates the object or brings it to the given fields; fields that are not given keep what
  /// others wrote (server-side apply, as far as maps go; lists are replaced).
  void apply(ObjectKey key, Map<String, Object> object) throws IOException;

  /// Deletes the object if it is there.
  void delete(ObjectKey key) throws IOException;

  /// The status last written for an object; empty where there is none.
  Map<String, Object> status(ObjectKey key) throws IOException;

  /// Objects that have a status written by us, in this life or an earlier one.
  Set<ObjectKey> withStatus();

  /// Replaces the status of an object; an empty one takes it away.
  void writeStatus(ObjectKey key, Map<String, Object> status) throws IOException;
}
