package dev.kiri.waypoint.admin;

import dev.kiri.mesh.ca.CertificateStatus;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.policy.CompiledPolicy;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.ClientMatch;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.RequestCondition;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RouteTable;
import dev.kiri.waypoint.route.ValueMatch;
import dev.kiri.waypoint.route.WeightedBackends;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/// Writes what the waypoint knows as one JSON object: `version`, `settings`, `resources`,
/// `refused`, `routes` in the order in which they are tried, `subsets`, `policies`, `services`,
/// `workloads`,
/// `certificates`.
final class ConfigDump {
  private ConfigDump() {}

  static void write(
      JsonGenerator out, ConfigStore store, MeshSnapshot mesh, List<CertificateStatus> states) {
    Program program = store.program();
    out.writeStartObject();
    out.writeNumberProperty("version", program.version());
    settings(out, program);
    out.writeArrayPropertyStart("resources");
    store
        .resources()
        .forEach(
            (name, resource) -> {
              out.writeStartObject();
              out.writeStringProperty("name", name);
              out.writeNumberProperty("generation", resource.getSource().getGeneration());
              out.writeEndObject();
            });
    out.writeEndArray();
    out.writeObjectPropertyStart("refused");
    store.refused().forEach(out::writeStringProperty);
    out.writeEndObject();
    routes(out, program);
    traffic(out, program);
    policies(out, program.policies().policies());
    mesh(out, mesh);
    out.writeArrayPropertyStart("certificates");
    for (CertificateStatus status : states) {
      out.writeStartObject();
      out.writeStringProperty("identity", status.identity().uri());
      out.writeStringProperty("state", status.state().text());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void settings(JsonGenerator out, Program program) {
    out.writeObjectPropertyStart("settings");
    out.writeStringProperty("trustDomains", String.join(",", program.settings().trustDomains()));
    out.writeStringProperty("pathNormalization", program.settings().paths().name());
    out.writeBooleanProperty("serveServices", program.settings().serveServices());
    out.writeBooleanProperty("serveWorkloads", program.settings().serveWorkloads());
    out.writeStringProperty(
        "protocolDetectionTimeout", program.settings().detectionTimeout().toString());
    out.writeEndObject();
  }

  private static void routes(JsonGenerator out, Program program) {
    out.writeArrayPropertyStart("routes");
    for (Program.NamedTable table : program.tables()) {
      out.writeStartObject();
      out.writeStringProperty("service", table.service().toString());
      out.writeNumberProperty("port", table.port());
      out.writeStringProperty("clients", table.clients().isEmpty() ? "*" : table.clients());
      RouteTable requests = table.routes().requests();
      if (requests != null) {
        out.writeArrayPropertyStart("matches");
        requests.ordered().forEach(match -> match(out, match));
        out.writeEndArray();
      }
      ConnectionRoutes connections = table.routes().connections();
      if (connections != null) {
        out.writeArrayPropertyStart("connections");
        connections.ordered().forEach(route -> connection(out, route));
        out.writeEndArray();
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void traffic(JsonGenerator out, Program program) {
    out.writeObjectPropertyStart("subsets");
    program
        .traffic()
        .forEach(
            (service, traffic) -> {
              out.writeObjectPropertyStart(service.toString());
              traffic
                  .subsets()
                  .forEach(
                      (name, part) -> {
                        Set<String> members = part.members();
                        out.writeStringProperty(
                            name, members == null ? "all" : members.size() + " workloads");
                      });
              out.writeEndObject();
            });
    out.writeEndObject();
  }

  private static void match(JsonGenerator out, RouteMatch match) {
    HttpRule rule = match.rule();
    out.writeStartObject();
    out.writeStringProperty("rule", rule.name().toString());
    out.writeStringProperty("path", path(match.path()));
    if (!match.method().isEmpty()) {
      out.writeStringProperty("method", match.method().toString());
    }
    for (ValueMatch.OfHeader header : match.headers()) {
      out.writeStringProperty("header " + header.name(), value(header.value()));
    }
    for (ValueMatch.OfQuery query : match.queries()) {
      out.writeStringProperty("query " + query.name(), value(query.value()));
    }
    for (RequestCondition condition : match.others()) {
      condition(out, condition);
    }
    String broken = rule.broken();
    if (broken != null) {
      out.writeStringProperty("answers500", broken);
    }
    backends(out, rule.backends());
    out.writeEndObject();
  }

  private static void condition(JsonGenerator out, RequestCondition condition) {
    switch (condition) {
      case RequestCondition.Without(var header) ->
          out.writeStringProperty("without header " + header.name(), value(header.value()));
      case RequestCondition.Authority(var text) ->
          out.writeStringProperty("authority", value(text));
      case RequestCondition.Method(var text) -> out.writeStringProperty("method", value(text));
      case RequestCondition.Scheme(var text) -> out.writeStringProperty("scheme", value(text));
      case RequestCondition.Client(var client) -> client(out, client);
    }
  }

  private static void client(JsonGenerator out, ClientMatch client) {
    if (!client.namespace().isEmpty()) {
      out.writeStringProperty("client namespace", client.namespace());
    }
    Set<String> workloads = client.workloads();
    if (workloads != null) {
      out.writeNumberProperty("client workloads", workloads.size());
    }
  }

  private static void connection(JsonGenerator out, ConnectionRoutes.Route route) {
    out.writeStartObject();
    out.writeStringProperty("rule", route.name().toString());
    if (!route.serverNames().isEmpty()) {
      out.writeStringProperty("serverNames", String.join(",", route.serverNames()));
    }
    client(out, route.clients());
    backends(out, route.backends());
    out.writeEndObject();
  }

  static void backends(JsonGenerator out, WeightedBackends backends) {
    out.writeArrayPropertyStart("backends");
    for (WeightedBackends.Share share : backends.shares()) {
      out.writeString(backend(share.backend()) + " weight " + share.weight());
    }
    out.writeEndArray();
  }

  static String path(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact(String text) -> "= " + text;
      case PathMatch.Prefix(String text) -> "prefix " + text;
      case PathMatch.Regex(var pattern, _) -> "regex " + pattern;
      case PathMatch.TextPrefix(String text) -> "text prefix " + text;
      case PathMatch.Caseless(String text, boolean prefix) ->
          (prefix ? "text prefix " : "= ") + text + " (any case)";
      case PathMatch.Any _ -> "any";
    };
  }

  private static String value(ValueMatch value) {
    return switch (value) {
      case ValueMatch.Exact(var text) -> "= " + text;
      case ValueMatch.Prefix(var text) -> "prefix " + text;
      case ValueMatch.Regex(var pattern) -> "regex " + pattern;
      case ValueMatch.Present() -> "present";
    };
  }

  static String backend(Backend backend) {
    return switch (backend) {
      case Backend.OfService service ->
          service.service()
              + ":"
              + service.port()
              + (service.subset().isEmpty() ? "" : " subset " + service.subset());
      case Backend.Invalid(String reason, String message, int status) ->
          status + ": " + reason + " " + message;
    };
  }

  static void policies(JsonGenerator out, List<CompiledPolicy> policies) {
    out.writeArrayPropertyStart("policies");
    for (CompiledPolicy policy : policies) {
      out.writeStartObject();
      out.writeStringProperty("policy", policy.namespace() + "/" + policy.name());
      out.writeStringProperty("action", policy.action());
      out.writeNumberProperty("rules", policy.ruleCount());
      out.writeBooleanProperty("dryRun", policy.dryRun());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void mesh(JsonGenerator out, MeshSnapshot mesh) {
    out.writeArrayPropertyStart("services");
    for (Service service : mesh.services()) {
      out.writeStartObject();
      out.writeStringProperty("service", service.key().toString());
      out.writeStringProperty("vips", service.vips().toString());
      out.writeStringProperty("ports", service.ports().toString());
      out.writeStringProperty("waypoint", String.valueOf(service.waypoint()));
      out.writeNumberProperty("endpoints", mesh.endpoints(service.key()).size());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayPropertyStart("workloads");
    for (Workload workload : mesh.workloads()) {
      out.writeStartObject();
      out.writeStringProperty("uid", workload.uid());
      out.writeStringProperty("addresses", workload.addresses().toString());
      out.writeStringProperty("protocol", workload.protocol().name());
      out.writeStringProperty("identity", workload.identity().uri());
      out.writeStringProperty("health", workload.health().name());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
