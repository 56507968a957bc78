package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.source.Leadership;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads while it holds a Lease, which it gives back when it is closed. Where the Lease is lost it
/// competes again. Thread-safe.
final class LeaseLeadership implements Leadership {
  /// Name of the Lease, in the control plane's own namespace.
  static final String LEASE = "kiri-controlplane-leader";

  private static final Logger LOG = LoggerFactory.getLogger("leader");

  /// How long a leader that has vanished is waited for, how long one that cannot renew goes on, and
  /// how often it renews.
  record Times(Duration lease, Duration renew, Duration retry) {
    static final Times USUAL =
        new Times(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
  }

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private final Times times;
  private volatile boolean leads;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<?> running;
  private final Thread thread = Thread.ofVirtual().name("leader-election").unstarted(this::compete);
  private volatile Runnable begin = () -> {};

  LeaseLeadership(KubernetesClient client, String namespace, String identity, Times times) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
    this.times = times;
  }

  @Override
  public boolean leads() {
    return leads;
  }

  @Override
  public void onLead(Runnable what) {
    begin = what;
    thread.start();
  }

  private void compete() {
    try {
      while (!closed) {
        CompletableFuture<?> round = round();
        running = round;
        try {
          round.join();
        } catch (CompletionException e) {
          LOG.warn("the election failed: {}", e.getMessage());
        } catch (java.util.concurrent.CancellationException e) {
          LOG.debug("the election was ended");
        }
        leads = false;
        TimeUnit.MILLISECONDS.sleep(times.retry().toMillis());
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer competing");
    }
  }

  private CompletableFuture<?> round() {
    return client
        .leaderElector()
        .withConfig(
            new LeaderElectionConfigBuilder()
                .withName(LEASE)
                .withLock(new LeaseLock(namespace, LEASE, identity))
                .withLeaseDuration(times.lease())
                .withRenewDeadline(times.renew())
                .withRetryPeriod(times.retry())
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(
                    new LeaderCallbacks(
                        this::lead,
                        () -> {
                          leads = false;
                          LOG.info("{} no longer leads", identity);
                        },
                        leader -> LOG.info("{} leads", leader)))
                .build())
        .build()
        .start();
  }

  private void lead() {
    leads = true;
    begin.run();
  }

  @Override
  public void close() {
    closed = true;
    leads = false;
    CompletableFuture<?> round = running;
    if (round != null) {
      round.cancel(true);
    }
    thread.interrupt();
  }
}
