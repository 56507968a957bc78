package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import org.jspecify.annotations.Nullable;

/// A source of objects. [#start] reports all objects before it returns, then changes until
/// [#close].
public interface ObjectSource extends AutoCloseable {
  /// One object as it stands before the start; null where there is none that can be read.
  default @Nullable MeshObject peek(ObjectKey key) {
    return null;
  }

  /// Starts; called once.
  void start(SourceListener listener);

  /// Returns when the listener was told of everything that was there before the call.
  void catchUp();

  @Override
  void close();
}
