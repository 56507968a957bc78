package dev.kiri.waypoint.admin;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.PortProtocol;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.config.ServiceProgram;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.policy.PolicyFacts;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RouteClient;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.route.RouteSet;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Says what would happen to a request, with the very functions that decide about real ones.
final class Explanation {
  private Explanation() {}

  /// A request to explain.
  record Question(
      ServiceKey service,
      int port,
      String method,
      String path,
      String authority,
      List<String> headers,
      String serverName,
      @Nullable InetAddress destination,
      @Nullable SpiffeId client,
      String workload) {

    /// @throws IllegalArgumentException saying which parameter is missing or wrong
    static Question of(Map<String, List<String>> query) {
      String service = first(query, "service", "");
      ServiceKey key =
          ServiceKey.parse(service)
              .orElseThrow(
                  () -> new IllegalArgumentException("service: expected <namespace>/<hostname>"));
      String client = first(query, "client", "");
      int port;
      try {
        port = Integer.parseInt(first(query, "port", "80"));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("port: expected a number", e);
      }
      return new Question(
          key,
          port,
          first(query, "method", "GET"),
          first(query, "path", "/"),
          first(query, "authority", key.hostname()),
          query.getOrDefault("header", List.of()),
          first(query, "serverName", ""),
          address(first(query, "destination", "")),
          client.isEmpty() ? null : identity(client),
          first(query, "workload", ""));
    }

    private static @Nullable InetAddress address(String text) {
      InetAddress address =
          text.isEmpty() ? null : NetUtil.createInetAddressFromIpAddressString(text);
      if (address == null && !text.isEmpty()) {
        throw new IllegalArgumentException("destination: expected an IP address");
      }
      return address;
    }

    private static SpiffeId identity(String client) {
      try {
        return SpiffeId.parse(client);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("client: expected a SPIFFE URI", e);
      }
    }

    private static String first(Map<String, List<String>> query, String name, String absent) {
      List<String> values = query.getOrDefault(name, List.of());
      return values.isEmpty() ? absent : values.getFirst();
    }

    Head head() {
      Head head = new Head();
      head.method(head.append(method));
      int question = path.indexOf('?');
      head.path(head.append(question < 0 ? path : path.substring(0, question)));
      if (question >= 0) {
        head.query(head.append(path.substring(question + 1)));
      }
      head.authority(head.append(authority));
      for (String header : headers) {
        int colon = header.indexOf(':');
        if (colon < 1) {
          throw new IllegalArgumentException("header: expected name:value");
        }
        head.add(
            HeaderName.of(header.substring(0, colon).trim()), header.substring(colon + 1).trim());
      }
      return head;
    }
  }

  static void write(JsonGenerator out, Program program, MeshSnapshot mesh, Question question) {
    Head head = question.head();
    ServiceProgram service = program.service(question.service(), question.port());
    out.writeStartObject();
    out.writeNumberProperty("version", program.version());
    out.writeBooleanProperty("serviceKnown", mesh.service(question.service()) != null);
    try {
      program.settings().paths().apply(head);
    } catch (MalformedMessage refused) {
      out.writeStringProperty("refused", refused.problem().details());
      out.writeEndObject();
      return;
    }
    out.writeStringProperty("path", head.target());
    SpiffeId client = question.client();
    String namespace =
        client != null && program.settings().trustDomains().contains(client.trustDomain().name())
            ? client.namespace()
            : null;
    RouteClient who = new RouteClient(namespace, question.workload());
    RouteSet set = service.routes().routesFor(namespace);
    boolean bytes = service.protocol() == PortProtocol.TCP || (set != null && set.bytes());
    if (bytes) {
      connection(out, set == null ? null : set.connections(), question, who);
    } else {
      route(out, service.routes().decide(head, who));
    }
    policy(out, service, bytes, question, head);
    out.writeArrayPropertyStart("endpoints");
    for (Endpoint endpoint : mesh.endpoints(question.service())) {
      out.writeString(endpoint.workloadUid() + " " + endpoint.health());
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void route(JsonGenerator out, RouteDecision decision) {
    out.writeObjectPropertyStart("route");
    switch (decision) {
      case RouteDecision.Unrouted _ -> out.writeStringProperty("decision", "own endpoints");
      case RouteDecision.NoMatch _ -> out.writeStringProperty("decision", "404: no match");
      case RouteDecision.Broken(var rule, var by, String reason) -> {
        out.writeStringProperty("decision", "500: " + reason);
        out.writeStringProperty("rule", rule.name().toString());
        out.writeStringProperty("by", ConfigDump.path(by));
      }
      case RouteDecision.Matched(var rule, var by) -> {
        out.writeStringProperty("decision", "matched");
        out.writeStringProperty("rule", rule.name().toString());
        out.writeStringProperty("by", ConfigDump.path(by));
        ConfigDump.backends(out, rule.backends());
      }
    }
    out.writeEndObject();
  }

  /// What becomes of a connection that is not taken apart into requests.
  private static void connection(
      JsonGenerator out, @Nullable ConnectionRoutes routes, Question question, RouteClient who) {
    out.writeObjectPropertyStart("route");
    String name = question.serverName();
    var asked =
        new ConnectionRoutes.Connection(name.isEmpty() ? null : name, question.destination(), who);
    switch (routes == null ? new ConnectionRoutes.Decision.Own() : routes.decide(asked)) {
      case ConnectionRoutes.Decision.Own() ->
          out.writeStringProperty("decision", "connection: own endpoints");
      case ConnectionRoutes.Decision.Cut() ->
          out.writeStringProperty("decision", "connection cut: no route for the server name");
      case ConnectionRoutes.Decision.Routed(var route) -> {
        out.writeStringProperty("decision", "connection: matched");
        out.writeStringProperty("rule", route.name().toString());
        ConfigDump.backends(out, route.backends());
      }
    }
    out.writeEndObject();
  }

  private static void policy(
      JsonGenerator out, ServiceProgram service, boolean bytes, Question question, Head head) {
    SpiffeId client = question.client();
    InetSocketAddress unknown = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), question.port());
    PolicyDecision decision =
        (bytes ? service.tcpPolicies() : service.policies())
            .decide(
                new PolicyFacts(
                    client == null ? null : ClientIdentity.of(client),
                    unknown,
                    to,
                    bytes ? null : head));
    out.writeObjectPropertyStart("authorization");
    switch (decision) {
      case PolicyDecision.Allowed(var by) -> {
        out.writeStringProperty("decision", "allowed");
        out.writeStringProperty("by", by == null ? "no policy" : by.toString());
      }
      case PolicyDecision.Denied(var by) -> {
        out.writeStringProperty("decision", "denied");
        out.writeStringProperty("by", by.toString());
      }
      case PolicyDecision.NothingAllowed(var policies) -> {
        out.writeStringProperty("decision", "denied: no rule of an allow policy matches");
        out.writeStringProperty("by", String.join(", ", policies));
      }
    }
    out.writeEndObject();
  }
}
