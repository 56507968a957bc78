package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;

/// What ztunnel does with the agent's requests. All calls come from the client's one platform
/// thread, in the order of the requests; the answer goes out when a call returns. [PodProxies] is
/// the ready-made one.
public interface ZdsHandler {
  /// A new connection: what was pending is forgotten, what runs keeps running, a snapshot follows.
  void connected();

  /// Serve this pod. The handle is the handler's from here on, also when this fails.
  ///
  /// @throws IOException when the pod cannot be served now; the text goes back to the agent
  void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException;

  /// Do not drop this pod at the end of the snapshot.
  void keep(String uid);

  /// Stop serving this pod.
  void delete(String uid);

  /// The snapshot is complete.
  void snapshotSent();

  /// Called between messages about every [ZdsClient#RETRY_INTERVAL], connected or not.
  void retry();

  /// The connection is gone; another one is tried.
  void disconnected(String why);

  /// The agent broke the protocol. Upstream's ztunnel exits with code 1 here; the connection is
  /// closed after this.
  void violated(String text);
}
