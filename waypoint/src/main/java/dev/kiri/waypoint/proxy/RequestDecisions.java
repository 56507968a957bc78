package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.config.PortProtocol;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.config.ServiceProgram;
import dev.kiri.waypoint.config.WaypointConfig;
import dev.kiri.waypoint.filter.FilterContext;
import dev.kiri.waypoint.filter.Filters;
import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.http.RequestStart;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.policy.PolicyFacts;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.route.SessionRules;
import dev.kiri.waypoint.route.ValueFormat;
import dev.kiri.waypoint.route.WeightedBackends;
import dev.kiri.waypoint.upstream.Asked;
import dev.kiri.waypoint.upstream.Destined;
import dev.kiri.waypoint.upstream.Hosts;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import dev.kiri.waypoint.upstream.TrafficPolicy.HashKey;
import dev.kiri.waypoint.upstream.TrafficPolicy.Upgrade;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Everything that is decided about one request: form of its path, route, what the filters say, and
/// which endpoint it goes to. Does nothing by itself. Uses the program that was current when the
/// request began. Confined to the request's loop.
final class RequestDecisions implements FilterContext, Asked {
  private final LoopState state;
  private final Client client;
  private final Destination destination;
  private final RequestStart start;
  private final Head head;
  private final Program program;
  private final ServiceProgram service;
  private final PolicyFacts facts;
  private final boolean clientHttp2;
  private final RequestLog log;
  private RouteDecision route = new RouteDecision.Unrouted();
  private Backend.@Nullable OfService backend;
  private @Nullable String origin;
  private @Nullable Duration delay;
  private @Nullable Destined destined;
  private HashKeys hash = HashKeys.NONE;
  private Sessions.@Nullable Session brought;
  private @Nullable Target pinned;

  RequestDecisions(
      LoopState state,
      Client client,
      Destination destination,
      RequestStart start,
      boolean clientHttp2,
      RequestLog log) {
    this.state = state;
    this.client = client;
    this.destination = destination;
    this.start = start;
    this.clientHttp2 = clientHttp2;
    this.head = start.head();
    this.log = log;
    this.program = state.program();
    var key = destination.service();
    this.service = key == null ? program.workload() : program.service(key, destination.port());
    this.facts = new PolicyFacts(client.identity(), client.address(), destination.address(), head);
  }

  /// An answer of the proxy's own, or null when the request goes to an endpoint.
  @Nullable LocalReply decide() {
    try {
      program.settings().paths().apply(head);
    } catch (MalformedMessage refused) {
      var problem = refused.problem();
      return LocalReply.of(problem.status(), problem.body(), problem.details(), "-");
    }
    origin = head.get(HeaderName.ORIGIN);
    route = service.routes().decide(head, client.forRoutes(program.settings()));
    log.routed(route);
    LocalReply reply = Filters.request(this);
    log.identified(head);
    log.trial(service.policies().trial(facts));
    return reply;
  }

  @Nullable HttpRule rule() {
    return route instanceof RouteDecision.Matched matched ? matched.rule() : null;
  }

  /// How long what was decided is to wait; null: not at all.
  @Nullable Duration delay() {
    return delay;
  }

  /// The endpoint of the next try, by the mesh as it is now.
  TargetChoice choose(Set<Target> tried) {
    if (destined == null) {
      destined = leads();
    }
    Destined to = destined;
    var workload = destination.workload();
    if (to == null) {
      return backend == null && destination.service() == null && workload != null
          ? state.chooser().workload(workload, destination.port())
          : new TargetChoice.UnknownService();
    }
    Target session = pinned;
    if (session != null && !tried.contains(session)) {
      return new TargetChoice.Chosen(session);
    }
    // A key leads to the same endpoint again: one that was tried is not avoided.
    return state.chooser().choose(state.mesh(), to, to.hash() == null ? tried : Set.of(), this);
  }

  /// Null for a pod, and where nobody has defined the subset.
  private @Nullable Destined leads() {
    Backend.OfService chosen = backend;
    var key = destination.service();
    int port = destination.port();
    Destined to =
        chosen != null
            ? program.destined(chosen, port)
            : key != null ? program.destined(key, port, "") : null;
    HashKey by = to == null ? null : to.policy().hash();
    if (to == null || by == null) {
      return to;
    }
    hash = HashKeys.of(by, head, client.address());
    return to.by(hash.value());
  }

  @Override
  public @Nullable String host() {
    return Hosts.of(head);
  }

  @Override
  public @Nullable InetSocketAddress dialled() {
    Destined to = destined;
    return to != null && to.service().equals(destination.service()) ? destination.address() : null;
  }

  /// What was decided about the endpoint's service; null before, and for a pod.
  @Nullable Destined destined() {
    return destined;
  }

  /// The chosen endpoint with how it is to be reached.
  Target reached(Target chosen) {
    Destined to = destined;
    return to == null ? chosen : reached(to, chosen);
  }

  Target reached(Destined to, Target chosen) {
    return to.reach(chosen, head, client.address(), destination.address());
  }

  /// What is said about connections to the endpoint.
  TrafficPolicy policy() {
    Destined to = destined;
    return to == null ? TrafficPolicy.NONE : to.policy();
  }

  /// Whether the endpoint is spoken to in HTTP/2.
  boolean http2() {
    return http2(backend, destined);
  }

  /// Whether endpoints of a backend are: as their port was declared, else as the client speaks.
  ///
  /// @param chosen null: no route chose, the destination's own are meant
  boolean http2(Backend.@Nullable OfService chosen, @Nullable Destined to) {
    return switch (to == null ? Upgrade.AS_DECLARED : to.policy().upgrade()) {
      case TO_HTTP2 -> true;
      case TO_HTTP1 -> false;
      case AS_CLIENT -> clientHttp2;
      case AS_DECLARED -> declared(chosen);
    };
  }

  private boolean declared(Backend.@Nullable OfService chosen) {
    if (chosen != null) {
      Boolean declared = chosen.http2();
      if (declared != null) {
        return declared;
      }
      int port = chosen.portFor(destination.port());
      PortProtocol known = program.service(chosen.service(), port).protocol();
      return http2(known == null ? PortProtocol.SNIFF : known);
    }
    return http2(destination.protocol());
  }

  private boolean http2(PortProtocol protocol) {
    return switch (protocol) {
      case HTTP2 -> true;
      case HTTP, TCP -> false;
      case SNIFF -> clientHttp2;
    };
  }

  @Override
  public Head head() {
    return head;
  }

  @Override
  public WaypointConfig settings() {
    return program.settings();
  }

  @Override
  public ServiceProgram service() {
    return service;
  }

  @Override
  public PolicyFacts facts() {
    return facts;
  }

  @Override
  public RouteDecision route() {
    return route;
  }

  @Override
  public int port() {
    return destination.port();
  }

  @Override
  public String ownIdentity() {
    return state.ownIdentity();
  }

  @Override
  public @Nullable String upgrade() {
    return start.upgrade();
  }

  @Override
  public boolean connect() {
    return start.connect();
  }

  @Override
  public @Nullable String origin() {
    return origin;
  }

  @Override
  public double point() {
    return state.nextPoint();
  }

  @Override
  public Backend.@Nullable OfService sessionBackend() {
    HttpRule rule = rule();
    SessionRules session = rule == null ? null : rule.session();
    if (rule == null || session == null) {
      return null;
    }
    Sessions.Session known = Sessions.brought(session, head, now());
    brought = known;
    for (WeightedBackends.Share share : rule.backends().shares()) {
      if (known != null && share.backend() instanceof Backend.OfService to) {
        Destined leads = program.destined(to, destination.port());
        Target found =
            leads == null ? null : state.chooser().find(state.mesh(), leads, known.endpoint());
        if (found != null) {
          pinned = found;
          return to;
        }
      }
    }
    return null;
  }

  /// In seconds, as sessions count.
  private static long now() {
    return System.currentTimeMillis() / 1000;
  }

  /// Gives the client what brings it back to the endpoint: its session, where the rule keeps one,
  /// and the cookie that decides.
  void tell(Head answer, Target target) {
    HttpRule rule = rule();
    SessionRules session = rule == null ? null : rule.session();
    if (session != null) {
      Sessions.tell(session, brought, target, answer, now());
    }
    String cookie = hash.setCookie();
    if (cookie != null) {
      answer.add(HeaderName.SET_COOKIE, cookie);
    }
  }

  @Override
  public ValueFormat.Variables variables() {
    return new HeaderVariables(client, destination, state.ownIdentity(), head, rule());
  }

  @Override
  public double chance() {
    return ThreadLocalRandom.current().nextDouble();
  }

  @Override
  public void delay(Duration duration) {
    delay = duration;
  }

  @Override
  public Backend.@Nullable OfService backend() {
    return backend;
  }

  @Override
  public void backend(Backend.OfService chosen) {
    backend = chosen;
  }

  @Override
  public void authorized(PolicyDecision decision) {
    log.authorized(decision);
  }
}
