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
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses endpoints as the traffic policy says: without one, of two drawn at random by capacity
/// the one with fewer requests of this loop under way. Endpoints that fail are left out where the
/// policy asks for it, for all loops. Confined to one loop; what a service's endpoints are is
/// worked out once per snapshot.
public final class EndpointChooser {
  /// Service ports whose candidates are remembered.
  private static final int MAX_CACHED = 4096;

  private final RandomGenerator random;
  private final Balancer balancer;
  private final OwnPlace own;
  private final HostNames names;
  private final LongSupplier clock;
  private Place here;
  private final Map<Group, Members> cache = new HashMap<>();
  private final ProcessState process;
  private @Nullable MeshSnapshot of;

  /// @param of what they were taken for: workloads and policy of a program
  /// @param unresolved a name that is being asked for; null: none
  private record Members(
      Destined of, Tiers tiers, List<Target> all, boolean named, @Nullable String unresolved) {}

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
    this.balancer = new Balancer(random);
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
    List<Target> healthy =
        members
            .tiers()
            .pick(
                targets -> healthy(targets, to.policy()),
                members.tiers().tiers().size() == 1 ? 0 : random.nextDouble());
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
    for (Target target : healthy(members.all(), to.policy())) {
      if (target.token().equals(token)) {
        return target;
      }
    }
    return null;
  }

  private void forget(MeshSnapshot mesh) {
    cache.clear();
    balancer.forget();
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
  @SuppressWarnings("ReferenceEquality") // equal ones of another program cost one look more
  private @Nullable Members members(MeshSnapshot mesh, Destined to, Group group) {
    if (of != mesh || cache.size() > MAX_CACHED) {
      forget(mesh);
    }
    Members known = cache.get(group);
    if (known == null
        || known.named()
        || known.of().members() != to.members()
        || known.of().policy() != to.policy()) {
      Candidates found = Candidates.of(mesh, to, here, names);
      if (found == null) {
        return null;
      }
      List<Target> all = found.tiers().all();
      if (to.policy().warmup() != null) {
        process.warmth(group).seen(all, clock.getAsLong());
      }
      known = new Members(to, found.tiers(), all, found.named(), found.unresolved());
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
    return balancer.choose(to.policy().balancing(), group, left, weight(group, to.policy()));
  }

  private ToDoubleFunction<Target> weight(Group group, TrafficPolicy policy) {
    Warmth.Rules rules = policy.warmup();
    if (rules == null) {
      return Balancer::capacity;
    }
    Warmth warmth = process.warmth(group);
    long now = clock.getAsLong();
    return target -> Balancer.capacity(target) * warmth.share(target, rules, now);
  }

  /// A request or connection goes there.
  ///
  /// @param load its group's, where the policy bounds something
  public void started(Target target, @Nullable Load load, boolean bytes) {
    balancer.started(target);
    if (load != null) {
      (bytes ? load.connections : load.requests).take(0);
    }
  }

  public void finished(Target target, @Nullable Load load, boolean bytes) {
    balancer.finished(target);
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
      if (to.policy().warmup() != null) {
        process.warmth(Group.of(to)).back(target, outlier.until());
      }
    }
  }

  /// One more must not raise the share of those left out above the policy's.
  private boolean mayLeaveOut(Destined to, Outliers rules, long now) {
    Members members = cache.get(Group.of(to));
    if (members == null) {
      return false;
    }
    long out = 1;
    for (Target member : members.all()) {
      Outlier outlier = process.outliers().get(member);
      out += outlier != null && outlier.isOut(now) ? 1 : 0;
    }
    return out * 100 <= (long) members.all().size() * rules.maxPercent();
  }
}
