package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses endpoints: of two drawn at random by capacity, the one with fewer requests of this loop
/// under way. Confined to one loop; what a service's endpoints are is worked out once per snapshot.
public final class EndpointChooser {
  /// Service ports whose candidates are remembered.
  private static final int MAX_CACHED = 4096;

  private final RandomGenerator random;
  private final OwnPlace own;
  private Place here;
  private final Map<ServicePort, @Nullable List<Target>> cache = new HashMap<>();
  private final Map<Target, Integer> active = new HashMap<>();
  private @Nullable MeshSnapshot of;

  private record ServicePort(ServiceKey service, int port) {}

  public EndpointChooser(RandomGenerator random, OwnPlace own) {
    this.random = random;
    this.own = own;
    this.here = own.in(MeshSnapshot.empty());
  }

  /// @param avoid endpoints that failed already for this request; used again only when nothing else
  ///     is left
  public TargetChoice choose(MeshSnapshot mesh, ServiceKey service, int port, Set<Target> avoid) {
    if (of != mesh || cache.size() > MAX_CACHED) {
      cache.clear();
      of = mesh;
      here = own.in(mesh);
    }
    ServicePort key = new ServicePort(service, port);
    List<Target> targets = cache.get(key);
    if (targets == null) {
      targets = Candidates.of(mesh, service, port, here);
      if (targets == null) {
        return new TargetChoice.UnknownService();
      }
      cache.put(key, targets);
    }
    if (targets.isEmpty()) {
      return new TargetChoice.NoneHealthy();
    }
    return new TargetChoice.Chosen(choose(targets, avoid));
  }

  /// The port of a workload that was addressed itself.
  public TargetChoice workload(Workload workload, int port) {
    Target target = Candidates.of(workload, port);
    return target == null ? new TargetChoice.NoneHealthy() : new TargetChoice.Chosen(target);
  }

  private Target choose(List<Target> targets, Set<Target> avoid) {
    List<Target> left = targets;
    if (!avoid.isEmpty()) {
      left = targets.stream().filter(t -> !avoid.contains(t)).toList();
      left = left.isEmpty() ? targets : left;
    }
    if (left.size() == 1) {
      return left.getFirst();
    }
    Target one = draw(left);
    Target other = draw(left);
    return load(other) < load(one) ? other : one;
  }

  private Target draw(List<Target> targets) {
    long total = 0;
    for (Target target : targets) {
      total += weight(target);
    }
    long point = random.nextLong(total);
    for (Target target : targets) {
      point -= weight(target);
      if (point < 0) {
        return target;
      }
    }
    return targets.getLast();
  }

  private static long weight(Target target) {
    return Math.max(1, Integer.toUnsignedLong(target.workload().capacity()));
  }

  private double load(Target target) {
    return (double) active.getOrDefault(target, 0) / weight(target);
  }

  public void started(Target target) {
    active.merge(target, 1, Integer::sum);
  }

  public void finished(Target target) {
    active.computeIfPresent(target, (_, count) -> count <= 1 ? null : count - 1);
  }
}
