package dev.kiri.ztunnel.pod;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.redirect.zds.WorkloadInfo;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The workload that runs in a pod, as the mesh knows it. The agent names it; the control plane may
/// tell of it later than its first connection, and may change it. Thread-safe.
final class LocalWorkload {
  /// Upstream's limit.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final MeshStore mesh;
  private final WorkloadInfo info;

  LocalWorkload(MeshStore mesh, WorkloadInfo info) {
    this.mesh = mesh;
    this.info = info;
  }

  WorkloadInfo info() {
    return info;
  }

  /// What this snapshot knows; null when it does not know the workload.
  @Nullable Workload in(MeshSnapshot snapshot) {
    return snapshot.findLocal(info.name(), info.namespace(), info.serviceAccount());
  }

  /// Calls back on the loop: at once if the workload is known, else when it is, else with null
  /// after [#PATIENCE].
  void find(EventLoop loop, Consumer<@Nullable Workload> found) {
    var known = in(mesh.current());
    if (known != null) {
      found.accept(known);
      return;
    }
    mesh.awaitLocal(info.name(), info.namespace(), info.serviceAccount(), PATIENCE)
        .whenComplete((workload, late) -> loop.execute(() -> found.accept(workload)));
  }
}
