package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Action;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Condition;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Operation;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Rule;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Source;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.TargetRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads an AuthorizationPolicy so that no mistake in it can widen access.
final class AuthorizationPolicyReader {
  static final List<String> SOURCE =
      List.of(
          "principals",
          "requestPrincipals",
          "namespaces",
          "ipBlocks",
          "remoteIpBlocks",
          "serviceAccounts",
          "trustDomains");
  static final List<String> OPERATION = List.of("hosts", "ports", "methods", "paths");
  private static final List<String> KEYS =
      List.of(
          "source.ip",
          "source.namespace",
          "source.principal",
          "source.serviceAccount",
          "source.trustDomain",
          "remote.ip",
          "destination.ip",
          "destination.port",
          "connection.sni",
          "request.auth.principal",
          "request.auth.audiences",
          "request.auth.presenter");
  private static final List<String> KEY_PREFIXES =
      List.of("request.headers[", "request.auth.claims[", "experimental.envoy.filters.");

  private AuthorizationPolicyReader() {}

  static AuthorizationPolicyObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    Problems problems = spec.problems();
    List<String> unreadable = new ArrayList<>();
    Action action =
        switch (spec.choice("action", "ALLOW", List.of("ALLOW", "DENY", "AUDIT", "CUSTOM"))) {
          case "DENY" -> Action.DENY;
          case "AUDIT" -> Action.AUDIT;
          case "CUSTOM" -> Action.CUSTOM;
          default -> Action.ALLOW;
        };
    List<Rule> rules = spec.list("rules", AuthorizationPolicyReader::rule);
    List<TargetRef> targets = new ArrayList<>(spec.list("targetRefs", t -> target(meta, t)));
    if (spec.has("targetRef")) {
      targets.add(target(meta, spec.child("targetRef")));
    }
    Fields provider = spec.child("provider");
    Map<String, String> selector = null;
    if (spec.has("selector")) {
      Fields fields = spec.child("selector");
      selector = fields.stringMap("matchLabels");
      for (String name : fields.unknown()) {
        problems.error(fields.at(name), "an unknown field", "matchLabels");
        unreadable.add("unknown field " + fields.at(name));
      }
    }
    if (selector != null && !targets.isEmpty()) {
      problems.error(spec.at("selector"), "selector and targetRefs", "one of the two");
    }
    String providerName = provider.stringOr("name", "");
    if (action == Action.CUSTOM && providerName.isEmpty()) {
      problems.error(spec.at("provider.name"), "nothing", "a provider (required for CUSTOM)");
    }
    spec.ignore("targetRef", "selector");
    for (String name : spec.unknown()) {
      problems.error(
          spec.at(name),
          "an unknown field",
          "one of action, provider, rules, selector, targetRef, targetRefs");
      unreadable.add("unknown field " + spec.at(name));
    }
    if (unreadable.isEmpty() && problems.anyError()) {
      unreadable.add(
          problems.all().stream()
              .filter(p -> p.severity() == Problem.Severity.ERROR)
              .findFirst()
              .orElseThrow()
              .text());
    }
    return new AuthorizationPolicyObject(
        meta,
        action,
        selector,
        List.copyOf(targets),
        rules,
        "true".equals(meta.annotation("istio.io/dry-run")),
        providerName,
        unreadable.isEmpty() ? null : unreadable.getFirst());
  }

  static TargetRef target(Meta meta, Fields target) {
    TargetRef read =
        new TargetRef(
            target.stringOr("group", "").equals("core") ? "" : target.stringOr("group", ""),
            target.required("kind"),
            target.stringOr("namespace", meta.namespace()),
            target.required("name"));
    if (!read.namespace().equals(meta.namespace())) {
      target.error(
          "namespace", Fields.show(read.namespace()), "the policy's own namespace, or nothing");
    }
    for (String name : target.unknown()) {
      target.error(name, "an unknown field", "one of group, kind, name, namespace");
    }
    return read;
  }

  private static Rule rule(Fields rule) {
    List<Source> from =
        rule.list(
            "from",
            f -> {
              Fields source = f.child("source");
              List<String> unknown = new ArrayList<>();
              Map<String, List<String>> values = values(source, SOURCE, unknown);
              unknown.addAll(strict(f, "source"));
              return new Source(values, List.copyOf(unknown));
            });
    List<Operation> to =
        rule.list(
            "to",
            t -> {
              Fields operation = t.child("operation");
              List<String> unknown = new ArrayList<>();
              Map<String, List<String>> values = values(operation, OPERATION, unknown);
              unknown.addAll(strict(t, "operation"));
              return new Operation(values, List.copyOf(unknown));
            });
    List<Condition> when = rule.list("when", AuthorizationPolicyReader::condition);
    return new Rule(from, to, when, strict(rule, "from, to, when"));
  }

  private static Map<String, List<String>> values(
      Fields fields, List<String> names, List<String> unknown) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String name : names) {
      for (String field :
          List.of(
              name,
              "not"
                  + name.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                  + name.substring(1))) {
        if (fields.has(field)) {
          List<String> written = fields.strings(field);
          PolicyValueCheck.check(fields, name, field, written);
          values.put(field, written);
        }
      }
    }
    fields.ignore(names.toArray(String[]::new));
    unknown.addAll(strict(fields, String.join(", ", names) + " and their not-forms"));
    return Map.copyOf(values);
  }

  /// Reports unknown fields, which cost a rule its effect or widen a denial, and returns their
  /// paths.
  private static List<String> strict(Fields fields, String accepted) {
    List<String> paths = fields.unknown().stream().map(fields::at).toList();
    for (String path : paths) {
      fields
          .problems()
          .warning(
              path,
              "an unknown field (an ALLOW rule with it never matches, a DENY rule ignores it)",
              accepted);
    }
    return paths;
  }

  private static Condition condition(Fields fields) {
    String key = fields.required("key");
    List<String> values = fields.strings("values");
    List<String> notValues = fields.strings("notValues");
    List<String> unknown = new ArrayList<>(strict(fields, "key, values, notValues"));
    boolean known =
        KEYS.contains(key)
            || KEY_PREFIXES.stream().anyMatch(p -> key.startsWith(p) && key.endsWith("]"));
    if (!known && !key.isEmpty()) {
      fields.warning(
          "key",
          Fields.show(key) + " (an ALLOW rule with it never matches, a DENY rule ignores it)",
          "one of "
              + String.join(", ", KEYS)
              + ", "
              + String.join("...], ", KEY_PREFIXES)
              + "...]");
      unknown.add(fields.at("key") + " " + key);
    }
    if (values.isEmpty() && notValues.isEmpty()) {
      fields.error("values", "nothing", "values or notValues");
    }
    return new Condition(key, values, notValues, List.copyOf(unknown));
  }
}
