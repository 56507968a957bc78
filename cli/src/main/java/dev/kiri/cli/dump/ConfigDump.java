package dev.kiri.cli.dump;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What one node proxy knows and does, as its admin port tells it.
public final class ConfigDump {
  private final Map<String, Object> tree;
  private final List<Element> workloads;
  private final List<Element> services;
  private final List<Element> policies;
  private final List<Element> certificates;
  private final List<Element> states;

  private ConfigDump(Element dump) {
    this.tree = dump.fields();
    this.workloads = dump.elements("workloads");
    this.services = dump.elements("services").stream().map(ConfigDump::plain).toList();
    this.policies = dump.elements("policies");
    this.certificates = dump.elements("certificates");
    this.states = dump.elements("workloadState");
  }

  /// @throws UnreadableDump when the text is no JSON object
  public static ConfigDump parse(String text) {
    try {
      var tree = JsonMapper.shared().readValue(text, Object.class);
      if (!(tree instanceof Map)) {
        throw new UnreadableDump("the dump is no JSON object");
      }
      return new ConfigDump(Element.of(tree));
    } catch (JacksonException e) {
      throw new UnreadableDump(e.getOriginalMessage());
    }
  }

  /// The whole dump, as it came.
  public Map<String, Object> tree() {
    return tree;
  }

  public List<Element> workloads() {
    return workloads;
  }

  public List<Element> services() {
    return services;
  }

  public List<Element> policies() {
    return policies;
  }

  public List<Element> certificates() {
    return certificates;
  }

  /// What the proxy does for each pod of its node.
  public List<Element> states() {
    return states;
  }

  /// Only what concerns one workload: itself, the services it backs, the policies that guard it,
  /// its certificate, its connections. Nothing when the proxy does not know it.
  public ConfigDump of(Target target) {
    var workload = workloads.stream().filter(target::isWorkload).findFirst();
    return new ConfigDump(
        new Element(tree)
            .with("workloads", trees(workload.stream().toList()))
            .with("services", trees(services.stream().filter(s -> backs(workload, s)).toList()))
            .with("policies", trees(policies.stream().filter(p -> guards(workload, p)).toList()))
            .with("certificates", trees(certificatesOf(workload)))
            .with("workloadState", trees(states.stream().filter(target::isState).toList())));
  }

  private static boolean backs(Optional<Element> workload, Element service) {
    var name = service.text("namespace") + "/" + service.text("hostname");
    return workload
        .filter(
            w ->
                w.texts("services").contains(name)
                    || service.elements("endpoints").stream()
                        .anyMatch(e -> e.text("workloadUid").equals(w.text("uid"))))
        .isPresent();
  }

  private static boolean guards(Optional<Element> workload, Element policy) {
    var name = policy.text("namespace") + "/" + policy.text("name");
    return workload
        .filter(
            w ->
                switch (policy.text("scope")) {
                  case "Global" -> true;
                  case "Namespace" -> policy.text("namespace").equals(w.text("namespace"));
                  default -> w.texts("authorizationPolicies").contains(name);
                })
        .isPresent();
  }

  private List<Element> certificatesOf(Optional<Element> workload) {
    return workload
        .map(w -> "/ns/" + w.text("namespace") + "/sa/" + w.text("serviceAccount"))
        .map(path -> certificates.stream().filter(c -> c.text("identity").endsWith(path)).toList())
        .orElse(List.of());
  }

  /// The name of the service a waypoint address stands for; `None` without a waypoint, `NA` when
  /// no service has that address.
  String waypointName(Element owner) {
    var destination = owner.element("waypoint").text("destination");
    if (destination.isEmpty()) {
      return "None";
    }
    return services.stream()
        .filter(
            service ->
                destination.equals(service.text("namespace") + "/" + service.text("hostname"))
                    || service.texts("vips").contains(destination))
        .map(service -> service.text("name"))
        .findFirst()
        .orElse("NA");
  }

  Set<String> healthyWorkloads() {
    var healthy = new HashSet<String>();
    for (var workload : workloads) {
      if (workload.text("status").equals("Healthy")) {
        healthy.add(workload.text("uid"));
      }
    }
    return healthy;
  }

  static List<Map<String, Object>> trees(List<Element> elements) {
    return elements.stream().map(Element::fields).toList();
  }

  /// Address ranges as `network/cidr` texts, whichever way they were written.
  private static Element plain(Element service) {
    if (service.at("cidrVips") == null) {
      return service;
    }
    var ranges = new ArrayList<String>();
    for (var item : (Iterable<?>) listOf(service.at("cidrVips"))) {
      var range = Element.of(item);
      var text =
          range.fields().isEmpty()
              ? String.valueOf(item)
              : range.text("network") + "/" + range.text("cidr");
      if (!text.contains("/")) {
        throw new UnreadableDump("invalid cidrVip \"" + text + "\"");
      }
      ranges.add(text);
    }
    return service.with("cidrVips", ranges);
  }

  private static List<?> listOf(@org.jspecify.annotations.Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
