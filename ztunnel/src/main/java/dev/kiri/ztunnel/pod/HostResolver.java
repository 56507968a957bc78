package dev.kiri.ztunnel.pod;

import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;

/// Looks up workloads that are known by host name only. Thread-safe; does not block.
@FunctionalInterface
public interface HostResolver {
  /// An address of the family of `asked` if there is one, else of the other; fails with a message
  /// for the log when there is none.
  CompletionStage<InetAddress> resolve(Workload workload, InetAddress asked);
}
