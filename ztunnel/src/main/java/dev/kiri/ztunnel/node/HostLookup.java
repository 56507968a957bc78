package dev.kiri.ztunnel.node;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.pod.HostResolver;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// Looks host names up as this machine does, in the proxy's own namespace, on virtual threads.
/// Thread-safe. At most [#MAX_LOOKUPS] at once; more fail at once.
public final class HostLookup implements HostResolver {
  /// Guards the process against a name server that does not answer.
  static final int MAX_LOOKUPS = 256;

  private final boolean ipv6;
  private final Semaphore running = new Semaphore(MAX_LOOKUPS);

  /// Without `ipv6` only IPv4 addresses are used.
  public HostLookup(boolean ipv6) {
    this.ipv6 = ipv6;
  }

  @Override
  public CompletionStage<InetAddress> resolve(Workload workload, InetAddress asked) {
    if (!running.tryAcquire()) {
      return CompletableFuture.failedStage(
          new UnknownHostException(MAX_LOOKUPS + " lookups are running already"));
    }
    var answer = new CompletableFuture<InetAddress>();
    Thread.ofVirtual()
        .name("lookup " + workload.hostname())
        .start(() -> lookUp(workload.hostname(), asked, answer));
    return answer;
  }

  private void lookUp(String hostname, InetAddress asked, CompletableFuture<InetAddress> answer) {
    try {
      answer.complete(pick(List.of(InetAddress.getAllByName(hostname)), asked));
    } catch (UnknownHostException unknown) {
      answer.completeExceptionally(unknown);
    } finally {
      running.release();
    }
  }

  private InetAddress pick(List<InetAddress> found, InetAddress asked) throws UnknownHostException {
    var same = new ArrayList<InetAddress>();
    var other = new ArrayList<InetAddress>();
    for (var address : found) {
      boolean v4 = address instanceof Inet4Address;
      if (v4 || ipv6) {
        (v4 == (asked instanceof Inet4Address) ? same : other).add(address);
      }
    }
    var candidates = same.isEmpty() ? other : same;
    if (candidates.isEmpty()) {
      throw new UnknownHostException("no address of a usable family");
    }
    return candidates.get(RandomGenerator.getDefault().nextInt(candidates.size()));
  }
}
