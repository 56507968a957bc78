package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.PolicyTarget;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.Waypoint;
import dev.kiri.waypoint.policy.CompiledPolicy;
import dev.kiri.waypoint.policy.PolicyCompiler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The accepted resources of this waypoint and the program made of them.
///
/// A resource that cannot be understood is refused. A refused route leaves what was accepted before
/// in force; a refused policy denies what it is attached to until it is mended, because the
/// alternative would be to let through what somebody meant to forbid. Updates come from one thread;
/// [#program()] may be read by any.
public final class ConfigStore {
  /// Why one resource was refused. `text` names object and field.
  public record Refusal(String resource, String text) {}

  private static final String POLICY = "AuthorizationPolicy/";

  private final String ownNamespace;
  private final String trustDomain;
  private final Map<String, Resource> accepted = new TreeMap<>();
  private final Map<String, CompiledRoute> routes = new TreeMap<>();
  private final Map<String, DestinationRuleCompiler.Compiled> rules = new TreeMap<>();
  private final Map<String, BackendTlsCompiler.Compiled> backendTls = new TreeMap<>();
  private final Map<String, Resource> unreadable = new TreeMap<>();
  private final Map<String, String> refusals = new TreeMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Program program;
  private volatile Map<String, String> refused = Map.of();
  private long version;

  /// @param ownNamespace the waypoint's
  /// @param trustDomain used until a Waypoint resource names one
  public ConfigStore(String ownNamespace, String trustDomain) {
    this.ownNamespace = ownNamespace;
    this.trustDomain = trustDomain;
    this.program = build();
  }

  public Program program() {
    return program;
  }

  /// The accepted resources by name, as they came.
  public synchronized Map<String, Resource> resources() {
    return new TreeMap<>(accepted);
  }

  /// Resources refused and not mended since, with the reason.
  public Map<String, String> refused() {
    return refused;
  }

  /// Called after each new program, on the updating thread.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Takes a batch and answers what of it was refused.
  public synchronized List<Refusal> apply(
      Map<String, Resource> updated, Collection<String> removed) {
    List<Refusal> batch = new ArrayList<>();
    for (String name : removed) {
      accepted.remove(name);
      routes.remove(name);
      rules.remove(name);
      backendTls.remove(name);
      unreadable.remove(name);
      refusals.remove(name);
    }
    for (Map.Entry<String, Resource> entry : updated.entrySet()) {
      String problem = take(entry.getKey(), entry.getValue());
      if (problem == null) {
        refusals.remove(entry.getKey());
      } else {
        String text = describe(entry.getKey(), entry.getValue().getSource()) + ": " + problem;
        refusals.put(entry.getKey(), text);
        batch.add(new Refusal(entry.getKey(), text));
      }
    }
    refused = Map.copyOf(refusals);
    program = build();
    listeners.forEach(Runnable::run);
    return batch;
  }

  /// A resource whose bytes could not even be read. Answers nothing: the client refuses it itself.
  public synchronized void unparsable(String name, String reason) {
    refusals.put(name, reason);
    if (name.startsWith(POLICY)) {
      accepted.remove(name);
      unreadable.put(name, Resource.getDefaultInstance());
    }
    refused = Map.copyOf(refusals);
    program = build();
    listeners.forEach(Runnable::run);
  }

  private static String describe(String name, ObjectRef source) {
    return source.getKind().isEmpty()
        ? name
        : source.getKind() + " " + source.getNamespace() + "/" + source.getName();
  }

  private @Nullable String take(String name, Resource resource) {
    String problem = check(name, resource);
    if (problem == null) {
      accepted.put(name, resource);
      unreadable.remove(name);
    } else if (resource.hasAuthorizationPolicy() || name.startsWith(POLICY)) {
      accepted.remove(name);
      unreadable.put(name, resource);
    }
    return problem;
  }

  private @Nullable String check(String name, Resource resource) {
    try {
      String unknown = UnknownFields.find(resource);
      if (unknown != null) {
        return unknown;
      }
      ObjectRef source = resource.getSource();
      if (source.getKind().isEmpty() || source.getName().isEmpty()) {
        return "source: kind and name must be set";
      }
      return switch (resource.getConfigCase()) {
        case HTTP_ROUTE -> {
          routes.put(
              name,
              HttpRouteCompiler.compile(
                  CompiledRoute.Kind.HTTP, source, resource.getHttpRoute(), "http_route"));
          yield null;
        }
        case GRPC_ROUTE -> {
          routes.put(
              name,
              HttpRouteCompiler.compile(
                  CompiledRoute.Kind.GRPC, source, resource.getGrpcRoute(), "grpc_route"));
          yield null;
        }
        case TCP_ROUTE -> {
          routes.put(name, ConnectionRouteCompiler.tcp(source, resource.getTcpRoute()));
          yield null;
        }
        case TLS_ROUTE -> {
          routes.put(name, ConnectionRouteCompiler.tls(source, resource.getTlsRoute()));
          yield null;
        }
        case VIRTUAL_SERVICE -> {
          routes.put(name, VirtualServiceCompiler.compile(source, resource.getVirtualService()));
          yield null;
        }
        case DESTINATION_RULE -> {
          var compiled = DestinationRuleCompiler.compile(name, resource.getDestinationRule());
          rules.put(name, compiled);
          yield compiled.problem();
        }
        case BACKEND_TLS -> {
          var compiled = BackendTlsCompiler.compile(name, resource.getBackendTls());
          backendTls.put(name, compiled);
          yield compiled.problem();
        }
        case AUTHORIZATION_POLICY -> {
          AuthorizationPolicy policy = resource.getAuthorizationPolicy();
          PolicyCompiler.compile(source, policy, Set.of(trustDomain));
          yield targets(policy);
        }
        case REQUEST_AUTHENTICATION -> "request_authentication: this proxy verifies no tokens";
        case WAYPOINT, SERVICE -> null;
        case CONFIG_NOT_SET -> "no configuration this proxy knows";
      };
    } catch (InvalidConfig | IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private static @Nullable String targets(AuthorizationPolicy policy) {
    for (int i = 0; i < policy.getTargetsCount(); i++) {
      if (policy.getTargets(i).getTargetCase() == PolicyTarget.TargetCase.TARGET_NOT_SET) {
        return "authorization_policy.targets[" + i + "]: no target this proxy knows";
      }
    }
    return null;
  }

  private Program build() {
    Waypoint own = Waypoint.getDefaultInstance();
    Map<ServiceKey, Map<Integer, PortProtocol>> protocols = new HashMap<>();
    for (Resource resource : accepted.values()) {
      if (resource.hasWaypoint()) {
        own = resource.getWaypoint();
      } else if (resource.hasService()) {
        Service service = resource.getService();
        Map<Integer, PortProtocol> ports = new HashMap<>();
        service
            .getPortsList()
            .forEach(p -> ports.put(p.getPort(), PortProtocol.of(p.getProtocol())));
        protocols.put(new ServiceKey(service.getNamespace(), service.getHostname()), ports);
        for (String more : service.getMoreHostnamesList()) {
          protocols.put(new ServiceKey(service.getNamespace(), more), ports);
        }
      }
    }
    WaypointConfig settings = WaypointConfig.of(own, trustDomain);
    List<ProgramBuilder.AttachedPolicy> policies = new ArrayList<>();
    for (Resource resource : accepted.values()) {
      if (resource.hasAuthorizationPolicy()) {
        CompiledPolicy policy =
            PolicyCompiler.compile(
                resource.getSource(), resource.getAuthorizationPolicy(), settings.trustDomains());
        policies.add(attach(policy, resource.getAuthorizationPolicy()));
      }
    }
    unreadable.forEach((name, resource) -> policies.add(unreadable(name, resource)));
    return new ProgramBuilder(settings, ownNamespace)
        .build(
            ++version,
            routes.values(),
            policies,
            protocols,
            ServiceTraffic.of(List.copyOf(rules.values()), List.copyOf(backendTls.values())));
  }

  /// Without a target that can be read, everything is denied.
  private static ProgramBuilder.AttachedPolicy unreadable(String name, Resource resource) {
    String[] parts = name.split("/", 3);
    CompiledPolicy policy =
        CompiledPolicy.unreadable(
            parts.length == 3 ? parts[1] : resource.getSource().getNamespace(),
            parts.length == 3 ? parts[2] : resource.getSource().getName());
    AuthorizationPolicy config = resource.getAuthorizationPolicy();
    return targets(config) != null || config.getTargetsCount() == 0
        ? new ProgramBuilder.AttachedPolicy(policy, true, Set.of())
        : attach(policy, config);
  }

  private static ProgramBuilder.AttachedPolicy attach(
      CompiledPolicy policy, AuthorizationPolicy config) {
    boolean whole = false;
    Set<ServiceKey> services = new HashSet<>();
    for (PolicyTarget target : config.getTargetsList()) {
      if (target.hasService()) {
        services.add(
            new ServiceKey(target.getService().getNamespace(), target.getService().getHostname()));
      } else {
        whole = true;
      }
    }
    return new ProgramBuilder.AttachedPolicy(policy, whole, services);
  }
}
