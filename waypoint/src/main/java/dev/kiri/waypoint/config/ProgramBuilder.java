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
import java.util.TreeSet;

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
      Map<ServiceKey, Map<Integer, PortProtocol>> protocols,
      Map<ServiceKey, ServiceTraffic> traffic) {
    Map<ServiceKey, List<CompiledRoute>> byService = new HashMap<>();
    for (CompiledRoute route : routes) {
      Set<ServiceKey> parents = new HashSet<>();
      route.parents().forEach(parent -> parents.add(parent.service()));
      parents.forEach(s -> byService.computeIfAbsent(s, _ -> new ArrayList<>()).add(route));
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
      Map<Integer, PortProtocol> declared = protocols.getOrDefault(key, Map.of());
      services.put(
          key,
          new Program.ServiceEntry(
              ports(key, byService.getOrDefault(key, List.of()), declared),
              engine,
              own ? engine.forTcp() : wholeTcp,
              declared));
    }
    return new Program(version, settings, services, whole, wholeTcp, traffic);
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

  /// A table for each port that something is said about: a parent reference, a condition of a
  /// VirtualService, or the protocol, by which VirtualServices differ.
  private Map<Integer, ServiceRoutes> ports(
      ServiceKey service, List<CompiledRoute> routes, Map<Integer, PortProtocol> declared) {
    Set<Integer> named = new TreeSet<>();
    for (CompiledRoute route : routes) {
      for (CompiledRoute.Parent parent : route.parents()) {
        if (parent.service().equals(service)) {
          named.add(parent.port());
        }
      }
      if (route.kind() == CompiledRoute.Kind.VIRTUAL_SERVICE) {
        named.addAll(declared.keySet());
        route.requests().forEach(match -> named.add(match.port()));
        route.connections().forEach(rule -> named.add(rule.port()));
      }
    }
    Map<Integer, ServiceRoutes> ports = new HashMap<>();
    for (int port : named) {
      PortProtocol protocol = declared.getOrDefault(port, PortProtocol.SNIFF);
      ports.put(port, routesOf(service, port, protocol, routes));
    }
    return Map.copyOf(ports);
  }

  private ServiceRoutes routesOf(
      ServiceKey service, int port, PortProtocol protocol, List<CompiledRoute> routes) {
    List<CompiledRoute> producer = new ArrayList<>();
    Map<String, List<CompiledRoute>> consumers = new TreeMap<>();
    for (CompiledRoute route : routes) {
      if (!route.covers(service, port)) {
        continue;
      }
      if (route.namespace().equals(service.namespace()) || produces(route)) {
        producer.add(route);
      } else if (!settings.ownNamespaceProduces()
          || route.kind() == CompiledRoute.Kind.VIRTUAL_SERVICE) {
        if (route.clients().isEmpty() || route.clients().contains(route.namespace())) {
          consumers.computeIfAbsent(route.namespace(), _ -> new ArrayList<>()).add(route);
        }
      }
    }
    // Clients with a producer's route of their own have it beside those that are for everybody.
    Set<String> chosen = new TreeSet<>();
    producer.forEach(route -> chosen.addAll(route.clients()));
    for (String namespace : chosen) {
      consumers.computeIfAbsent(
          namespace, _ -> producer.stream().filter(r -> isFor(r, namespace)).toList());
    }
    Map<String, RouteSet> sets = new HashMap<>();
    consumers.forEach(
        (namespace, own) -> {
          RouteSet set = CompiledRoute.merge(own, port, protocol);
          if (set != null) {
            sets.put(namespace, set);
          }
        });
    List<CompiledRoute> open = producer.stream().filter(r -> r.clients().isEmpty()).toList();
    return new ServiceRoutes(CompiledRoute.merge(open, port, protocol), sets);
  }

  private static boolean isFor(CompiledRoute route, String namespace) {
    return route.clients().isEmpty() || route.clients().contains(namespace);
  }

  /// Upstream gives a VirtualService in the waypoint's namespace to every client (waypoint
  /// reference 8.1); for routes of the Gateway API that is a setting.
  private boolean produces(CompiledRoute route) {
    return (settings.ownNamespaceProduces() || route.kind() == CompiledRoute.Kind.VIRTUAL_SERVICE)
        && route.namespace().equals(ownNamespace);
  }
}
