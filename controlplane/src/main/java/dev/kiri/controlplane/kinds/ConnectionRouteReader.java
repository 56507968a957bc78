package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Rule;
import java.util.List;

/// Reads a TCPRoute, a TLSRoute or a UDPRoute: one rule of backends.
final class ConnectionRouteReader {
  private ConnectionRouteReader() {}

  static RouteObject tcp(Meta meta, Fields top) {
    return read(Kind.TCP_ROUTE, meta, top.child("spec"), List.of());
  }

  static RouteObject udp(Meta meta, Fields top) {
    return read(Kind.UDP_ROUTE, meta, top.child("spec"), List.of());
  }

  static RouteObject tls(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    List<String> names = spec.strings("hostnames");
    if (names.isEmpty() || names.size() > 1024) {
      spec.error(
          "hostnames",
          names.isEmpty() ? "nothing" : names.size() + " entries",
          "1 to 1024 server names");
    }
    for (String name : names) {
      String exact = name.startsWith("*.") ? name.substring(2) : name;
      if (exact.isEmpty() || exact.contains("*") || exact.matches("[0-9.]+|.*:.*")) {
        spec.error("hostnames", Fields.show(name), "a host name, perhaps with *. before it");
      }
    }
    return read(Kind.TLS_ROUTE, meta, spec, names);
  }

  private static RouteObject read(Kind kind, Meta meta, Fields spec, List<String> names) {
    RouteObject route =
        new RouteObject(
            kind,
            meta,
            spec.list("parentRefs", HttpRouteReader::parent),
            names,
            spec.list("rules", ConnectionRouteReader::rule));
    spec.ignore("useDefaultGateways");
    spec.done();
    HttpRouteReader.checkSizes(spec, route);
    if (route.rules().size() != 1) {
      spec.error("rules", route.rules().size() + " entries", "exactly one rule");
    }
    return route;
  }

  private static Rule rule(Fields rule) {
    Rule read =
        new Rule(
            rule.stringOr("name", ""),
            List.of(),
            List.of(),
            rule.list("backendRefs", HttpRouteReader::backend),
            null,
            null,
            null,
            null);
    rule.done();
    if (read.backends().isEmpty() || read.backends().size() > 16) {
      rule.error("backendRefs", read.backends().size() + " entries", "1 to 16 backends");
    }
    return read;
  }
}
