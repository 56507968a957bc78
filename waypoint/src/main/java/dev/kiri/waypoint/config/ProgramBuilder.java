package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.policy.CompiledPolicy;
import dev.kiri.waypoint.policy.PolicyEngine;
import dev.kiri.waypoint.route.RouteSet;
import dev.kiri.waypoint.route.ServiceRoutes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Puts compiled objects together into one program. Confined to one build.
final class ProgramBuilder {
  /// A policy and what it is attached to.
  record AttachedPolicy(CompiledPolicy policy, boolean wholeWaypoint, Set<ServiceKey> services) {}

  private final WaypointConfig settings;
  private final String ownNamespace;

  ProgramBuilder(WaypointConfig settings, String ownNamespace) {
    this.settings = settings;
    this.ownNamespace = ownNamespace;
  }

  Program build(
      long version,
      Collection<CompiledRoute> routes,
      Collection<AttachedPolicy> policies,
      Map<ServiceKey, Map<Integer, PortProtocol>> protocols) {
    Map<ServiceKey, List<CompiledRoute>> byService = new HashMap<>();
    for (CompiledRoute route : routes) {
      for (CompiledRoute.Parent parent : route.parents()) {
        List<CompiledRoute> known =
            byService.computeIfAbsent(parent.service(), _ -> new ArrayList<>());
        if (!known.contains(route)) {
          known.add(route);
        }
      }
    }
    Set<ServiceKey> keys = new HashSet<>(byService.keySet());
    keys.addAll(protocols.keySet());
    policies.forEach(p -> keys.addAll(p.services()));

    PolicyEngine whole = engine(policies, null);
    PolicyEngine wholeTcp = whole.forTcp();
    Map<ServiceKey, Program.ServiceEntry> services = new HashMap<>();
    for (ServiceKey key : keys) {
      boolean own = policies.stream().anyMatch(p -> p.services().contains(key));
      PolicyEngine engine = own ? engine(policies, key) : whole;
      services.put(
          key,
          new Program.ServiceEntry(
              ports(key, byService.getOrDefault(key, List.of())),
              engine,
              own ? engine.forTcp() : wholeTcp,
              protocols.getOrDefault(key, Map.of())));
    }
    return new Program(version, settings, services, whole, wholeTcp);
  }

  private static PolicyEngine engine(
      Collection<AttachedPolicy> policies, @org.jspecify.annotations.Nullable ServiceKey service) {
    List<CompiledPolicy> attached = new ArrayList<>();
    for (AttachedPolicy policy : policies) {
      if (policy.wholeWaypoint() || (service != null && policy.services().contains(service))) {
        attached.add(policy.policy());
      }
    }
    return attached.isEmpty() ? PolicyEngine.UNRESTRICTED : new PolicyEngine(attached);
  }

  private Map<Integer, ServiceRoutes> ports(ServiceKey service, List<CompiledRoute> routes) {
    Set<Integer> named = new HashSet<>();
    for (CompiledRoute route : routes) {
      for (CompiledRoute.Parent parent : route.parents()) {
        if (parent.service().equals(service)) {
          named.add(parent.port());
        }
      }
    }
    Map<Integer, ServiceRoutes> ports = new HashMap<>();
    for (int port : named) {
      ports.put(port, routesOf(service, port, routes));
    }
    return Map.copyOf(ports);
  }

  private ServiceRoutes routesOf(ServiceKey service, int port, List<CompiledRoute> routes) {
    List<CompiledRoute> producer = new ArrayList<>();
    Map<String, List<CompiledRoute>> consumers = new TreeMap<>();
    for (CompiledRoute route : routes) {
      if (!route.covers(service, port)) {
        continue;
      }
      if (route.namespace().equals(service.namespace()) || produces(route)) {
        producer.add(route);
      } else if (!settings.ownNamespaceProduces()) {
        consumers.computeIfAbsent(route.namespace(), _ -> new ArrayList<>()).add(route);
      }
    }
    Map<String, RouteSet> sets = new HashMap<>();
    consumers.forEach((namespace, own) -> sets.put(namespace, CompiledRoute.merge(own)));
    return new ServiceRoutes(producer.isEmpty() ? null : CompiledRoute.merge(producer), sets);
  }

  private boolean produces(CompiledRoute route) {
    return settings.ownNamespaceProduces() && route.namespace().equals(ownNamespace);
  }
}
