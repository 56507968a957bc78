package dev.kiri.controlplane.status;

import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.waypointconfig.Verdict;
import dev.kiri.controlplane.waypointconfig.VirtualServiceResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Status of VirtualServices and DestinationRules. Upstream has no condition of its own for them;
/// the names are those of
/// policies and routes.
final class VirtualServiceStatus {
  private VirtualServiceStatus() {}

  /// Null for what says nothing about the mesh.
  static @Nullable Map<String, Object> of(
      MeshObject object, @Nullable VirtualServiceResult result) {
    if (result == null) {
      return null;
    }
    long generation = object.meta().generation();
    Condition accepted = Condition.of("WaypointAccepted", result.accepted(), generation);
    Verdict partial = result.partiallyInvalid();
    return partial == null
        ? GatewayStatus.conditions(accepted)
        : GatewayStatus.conditions(accepted, Condition.of("PartiallyInvalid", partial, generation));
  }
}
