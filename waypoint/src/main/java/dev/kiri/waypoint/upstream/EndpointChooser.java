package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.upstream.TrafficPolicy.Outliers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses endpoints as the traffic policy says: without one, of two drawn at random by capacity
/// the one with fewer requests of this loop under way. Endpoints that fail are left out where the
/// policy asks for it, for all loops. Confined to one loop; what a service's endpoints are is
/// worked
/// out once per snapshot.
public final class EndpointChooser {
  /// Service ports whose candidates are remembered.
  private static final int MAX_CACHED = 4096;

  private final RandomGenerator random;
  private final OwnPlace own;
  private final HostNames names;
  private final LongSupplier clock;
  private Place here;
  private final Map<Group, Members> cache = new HashMap<>();
  private final Map<Group, Integer> turns = new HashMap<>();
  private final Map<Target, Integer> active = new HashMap<>();
  private final ProcessState process;
  private @Nullable MeshSnapshot of;

  /// @param uids of the workloads they were taken from; null: all
  /// @param unresolved a name that is being asked for; null: none
  private record Members(
      @Nullable Set<String> uids,
      List<Target> targets,
      boolean named,
      @Nullable String unresolved) {}

  public EndpointChooser(
      RandomGenerator random, OwnPlace own, HostNames names, ProcessState process) {
    this(random, own, names, process, System::nanoTime);
  }

  EndpointChooser(
      RandomGenerator random,
      OwnPlace own,
      HostNames names,
      ProcessState process,
      LongSupplier clock) {
    this.random = random;
    this.own = own;
    this.names = names;
    this.process = process;
    this.clock = clock;
    this.here = own.in(MeshSnapshot.empty());
  }

  /// @param avoid endpoints that failed already for this request; used again only when nothing else
  ///     is left
  public TargetChoice choose(MeshSnapshot mesh, Destined to, Set<Target> avoid, Asked asked) {
    String refused = to.policy().refused();
    if (refused != null) {
      return new TargetChoice.Refused(refused);
    }
    Group group = Group.of(to);
    if (isFull(to.policy(), group, asked.bytes())) {
      return new TargetChoice.Overflow();
    }
    Service service = mesh.service(to.service());
    if (service != null && Outside.concerns(mesh, service)) {
      return Outside.choose(mesh, service, to.port(), asked, here(mesh).network(), names);
    }
    Members members = members(mesh, to, group);
    if (members == null) {
      return new TargetChoice.UnknownService();
    }
    List<Target> healthy = healthy(members.targets(), to.policy());
    if (!healthy.isEmpty()) {
      return new TargetChoice.Chosen(choose(healthy, group, to, avoid));
    }
    String unresolved = members.unresolved();
    return unresolved == null
        ? new TargetChoice.NoneHealthy()
        : new TargetChoice.Unresolved(unresolved);
  }

  private Place here(MeshSnapshot mesh) {
    if (of != mesh) {
      forget(mesh);
    }
    return here;
  }

  /// The healthy endpoint that a token stands for; null without one.
  public @Nullable Target find(MeshSnapshot mesh, Destined to, String token) {
    Members members = to.policy().refused() == null ? members(mesh, to, Group.of(to)) : null;
    if (members == null) {
      return null;
    }
    for (Target target : healthy(members.targets(), to.policy())) {
      if (target.token().equals(token)) {
        return target;
      }
    }
    return null;
  }

  private void forget(MeshSnapshot mesh) {
    cache.clear();
    turns.clear();
    process.forget(mesh);
    of = mesh;
    here = own.in(mesh);
  }

  private boolean isFull(TrafficPolicy policy, Group group, boolean bytes) {
    int limit = bytes ? policy.maxConnections() : policy.maxRequests();
    if (limit == 0) {
      return false;
    }
    Load load = process.load(group);
    return (bytes ? load.connections : load.requests).now() >= limit;
  }

  /// What is under way there; null where the policy bounds nothing.
  public @Nullable Load load(Destined to) {
    return to.policy().isBounded() ? process.load(Group.of(to)) : null;
  }

  /// Worked out once per snapshot and program, or each time where names are concerned; null when
  /// the service is not known.
  @SuppressWarnings("ReferenceEquality") // equal sets of another program cost one look more
  private @Nullable Members members(MeshSnapshot mesh, Destined to, Group group) {
    if (of != mesh || cache.size() > MAX_CACHED) {
      forget(mesh);
    }
    Set<String> uids = to.members();
    Members known = cache.get(group);
    if (known == null || known.named() || known.uids() != uids) {
      Candidates all = Candidates.of(mesh, to.service(), to.port(), here, names);
      if (all == null) {
        return null;
      }
      known =
          new Members(
              uids,
              uids == null
                  ? all.targets()
                  : all.targets().stream().filter(t -> uids.contains(t.workload().uid())).toList(),
              all.named(),
              all.unresolved());
      cache.put(group, known);
    }
    return known;
  }

  /// The port of a workload that was addressed itself.
  public TargetChoice workload(Workload workload, int port) {
    Target target = Candidates.of(workload, port);
    return target == null ? new TargetChoice.NoneHealthy() : new TargetChoice.Chosen(target);
  }

  /// Without those that are left out, unless too few would be left.
  private List<Target> healthy(List<Target> targets, TrafficPolicy policy) {
    Outliers rules = policy.outliers();
    Map<Target, Outlier> outliers = process.outliers();
    if (rules == null || outliers.isEmpty()) {
      return targets;
    }
    long now = clock.getAsLong();
    List<Target> left = new ArrayList<>();
    for (Target target : targets) {
      Outlier outlier = outliers.get(target);
      if (outlier == null || !outlier.isOut(now)) {
        left.add(target);
      }
    }
    boolean panic = left.size() * 100 < targets.size() * rules.minHealthPercent();
    return panic ? targets : left;
  }

  private Target choose(List<Target> targets, Group group, Destined to, Set<Target> avoid) {
    List<Target> left = targets;
    if (!avoid.isEmpty()) {
      left = targets.stream().filter(t -> !avoid.contains(t)).toList();
      left = left.isEmpty() ? targets : left;
    }
    if (left.size() == 1) {
      return left.getFirst();
    }
    String key = to.hash();
    if (key != null) {
      return Rendezvous.choose(left, key);
    }
    return switch (to.policy().balancing()) {
      case RANDOM -> draw(left);
      case ROUND_ROBIN -> left.get(Math.floorMod(turns.merge(group, 1, Integer::sum), left.size()));
      case LEAST_REQUEST -> {
        Target one = draw(left);
        Target other = draw(left);
        yield load(other) < load(one) ? other : one;
      }
    };
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

  static long weight(Target target) {
    return Math.max(1, Integer.toUnsignedLong(target.workload().capacity()));
  }

  private double load(Target target) {
    return (double) active.getOrDefault(target, 0) / weight(target);
  }

  /// A request or connection goes there.
  ///
  /// @param load its group's, where the policy bounds something
  public void started(Target target, @Nullable Load load, boolean bytes) {
    active.merge(target, 1, Integer::sum);
    if (load != null) {
      (bytes ? load.connections : load.requests).take(0);
    }
  }

  public void finished(Target target, @Nullable Load load, boolean bytes) {
    active.computeIfPresent(target, (_, count) -> count <= 1 ? null : count - 1);
    if (load != null) {
      (bytes ? load.connections : load.requests).release();
    }
  }

  /// What an endpoint answered, or that it did not.
  ///
  /// @param status 0: no answer
  public void observed(Target target, Destined to, int status) {
    Outliers rules = to.policy().outliers();
    Map<Target, Outlier> outliers = process.outliers();
    if (rules == null || (status > 0 && status < 500 && !outliers.containsKey(target))) {
      return;
    }
    Outlier outlier = outliers.computeIfAbsent(target, _ -> new Outlier());
    boolean tooMany = status == 0 ? outlier.failed(rules) : outlier.answered(status, rules);
    long now = clock.getAsLong();
    if (tooMany && !outlier.isOut(now) && mayLeaveOut(to, rules, now)) {
      outlier.eject(now, rules);
    }
  }

  /// One more must not raise the share of those left out above the policy's.
  private boolean mayLeaveOut(Destined to, Outliers rules, long now) {
    Members members = cache.get(Group.of(to));
    if (members == null) {
      return false;
    }
    long out = 1;
    for (Target member : members.targets()) {
      Outlier outlier = process.outliers().get(member);
      out += outlier != null && outlier.isOut(now) ? 1 : 0;
    }
    return out * 100 <= (long) members.targets().size() * rules.maxPercent();
  }
}
