package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One change of one object.
public sealed interface ObjectChange {
  /// Which object.
  ObjectKey key();

  /// The object exists as given; problems are warnings, or errors of a policy that fails closed.
  record Put(MeshObject object, List<Problem> problems) implements ObjectChange {
    @Override
    public ObjectKey key() {
      return object.key();
    }
  }

  /// The object cannot be used as it stands: what was accepted before stays in force.
  ///
  /// @param attempt what could be read of it, for its status
  record Refused(ObjectKey key, @Nullable MeshObject attempt, List<Problem> problems)
      implements ObjectChange {}

  /// The object is gone.
  record Gone(ObjectKey key) implements ObjectChange {}
}
