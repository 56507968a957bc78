package dev.kiri.redirect.agent;

import dev.kiri.redirect.zds.ZdsPod;
import dev.kiri.redirect.zds.ZdsServerObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Log lines and the gauge of ztunnels' comings and goings, with upstream's texts.
final class LoggingZdsObserver implements ZdsServerObserver {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final AgentMetrics metrics;

  private volatile Runnable afterSnapshot = () -> {};

  LoggingZdsObserver(AgentMetrics metrics) {
    this.metrics = metrics;
  }

  /// What to do when a ztunnel has got its snapshot; must not block.
  void afterSnapshot(Runnable action) {
    afterSnapshot = action;
  }

  @Override
  public void connections(int connected) {
    metrics.ztunnels(connected);
    LOG.info("ztunnels connected: {}", connected);
  }

  @Override
  public void connected(String id) {
    LOG.atInfo().addKeyValue("conn_uuid", id).log("new ztunnel connected");
  }

  @Override
  public void disconnected(String id, String why) {
    LOG.atInfo().addKeyValue("conn_uuid", id).log("ztunnel disconnected: {}", why);
  }

  @Override
  public void snapshotPod(String id, ZdsPod pod) {
    LOG.atInfo()
        .addKeyValue("uid", pod.uid())
        .addKeyValue("name", pod.workload().name())
        .addKeyValue("ns", pod.workload().namespace())
        .log(
            pod.netns() == null
                ? "netns is not available for pod, sending 'keep' to ztunnel"
                : "sending pod to ztunnel as part of snapshot");
  }

  @Override
  public void snapshotRefused(String id, ZdsPod pod, String error) {
    LOG.atWarn().addKeyValue("uid", pod.uid()).log("ztunnel refused pod: {}", error);
  }

  @Override
  public void snapshotSent(String id, int pods, int refused) {
    LOG.atInfo()
        .addKeyValue("conn_uuid", id)
        .log("snapshot of {} pods sent to ztunnel, {} refused", pods, refused);
    afterSnapshot.run();
  }

  @Override
  public void listenerFailed(String why) {
    LOG.error("no ztunnel can connect any more: {}", why);
  }
}
