package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.policy.FieldValues;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyMatch;
import dev.kiri.mesh.policy.StringMatcher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A policy as upstream's dump shows it: rules are groups of clauses of matches. Pure.
final class PolicyJson {
  private PolicyJson() {}

  static Map<String, @Nullable Object> of(L4Policy policy) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("name", policy.name());
    json.put("namespace", policy.namespace());
    json.put(
        "scope",
        switch (policy.scope()) {
          case GLOBAL -> "Global";
          case NAMESPACE -> "Namespace";
          case WORKLOAD_SELECTOR -> "WorkloadSelector";
        });
    json.put(
        "action",
        switch (policy.action()) {
          case ALLOW -> "Allow";
          case DENY -> "Deny";
        });
    json.put("dryRun", policy.dryRun());
    json.put(
        "rules",
        policy.groups().stream()
            .map(
                group ->
                    group.clauses().stream()
                        .map(clause -> clause.matches().stream().map(PolicyJson::match).toList())
                        .toList())
            .toList());
    return json;
  }

  private static Map<String, @Nullable Object> match(PolicyMatch match) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    field(json, "namespaces", match.namespaces(), PolicyJson::matcher);
    field(json, "notNamespaces", match.notNamespaces(), PolicyJson::matcher);
    field(json, "principals", match.principals(), PolicyJson::matcher);
    field(json, "notPrincipals", match.notPrincipals(), PolicyJson::matcher);
    field(json, "serviceAccounts", match.serviceAccounts(), PolicyJson::account);
    field(json, "notServiceAccounts", match.notServiceAccounts(), PolicyJson::account);
    field(json, "sourceIps", match.sourceIps(), Object::toString);
    field(json, "notSourceIps", match.notSourceIps(), Object::toString);
    field(json, "destinationIps", match.destinationIps(), Object::toString);
    field(json, "notDestinationIps", match.notDestinationIps(), Object::toString);
    field(json, "destinationPorts", match.destinationPorts(), port -> port);
    field(json, "notDestinationPorts", match.notDestinationPorts(), port -> port);
    return json;
  }

  private static <T> void field(
      Map<String, @Nullable Object> json,
      String key,
      FieldValues<T> field,
      Function<T, Object> form) {
    WorkloadJson.list(json, key, field.values().stream().map(form).toList());
  }

  private static Object matcher(StringMatcher matcher) {
    return switch (matcher) {
      case StringMatcher.Exact(var value) -> Map.of("Exact", value);
      case StringMatcher.Prefix(var value) -> Map.of("Prefix", value);
      case StringMatcher.Suffix(var value) -> Map.of("Suffix", value);
      case StringMatcher.Presence() -> Map.of("Presence", List.of());
    };
  }

  private static Object account(dev.kiri.mesh.policy.ServiceAccountMatcher account) {
    return Map.of("namespace", account.namespace(), "serviceAccount", account.serviceAccount());
  }
}
