package dev.kiri.controlplane.status;

import dev.kiri.controlplane.kinds.VirtualServiceObject;
import dev.kiri.controlplane.waypointconfig.Verdict;
import dev.kiri.controlplane.waypointconfig.VirtualServiceResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Status of VirtualServices. Upstream has no condition of its own for them; the names are those of
/// policies and routes.
final class VirtualServiceStatus {
  private VirtualServiceStatus() {}

  /// Null for what says nothing about the mesh.
  static @Nullable Map<String, Object> of(
      VirtualServiceObject service, @Nullable VirtualServiceResult result) {
    if (result == null) {
      return null;
    }
    long generation = service.meta().generation();
    Condition accepted = Condition.of("WaypointAccepted", result.accepted(), generation);
    Verdict partial = result.partiallyInvalid();
    return partial == null
        ? GatewayStatus.conditions(accepted)
        : GatewayStatus.conditions(accepted, Condition.of("PartiallyInvalid", partial, generation));
  }
}
