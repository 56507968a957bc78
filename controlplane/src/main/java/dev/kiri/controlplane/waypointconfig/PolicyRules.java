package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Action;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Condition;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Operation;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Rule;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Source;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.PolicyCondition;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicySource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of an AuthorizationPolicy in the waypoint's schema. A part that is not understood
/// makes an ALLOW rule disappear, so that it allows nothing, and is left out of any other rule, so
/// that it denies more. Pure.
final class PolicyRules {
  private PolicyRules() {}

  static AuthorizationPolicy.Builder convert(AuthorizationPolicyObject policy) {
    AuthorizationPolicy.Builder out =
        AuthorizationPolicy.newBuilder()
            .setAction(action(policy.action()))
            .setDryRun(policy.dryRun())
            .setProvider(policy.provider());
    if (policy.unreadable() != null) {
      return out.setAction(AuthorizationPolicy.Action.DENY)
          .setDryRun(false)
          .addRules(PolicyRule.getDefaultInstance());
    }
    for (Rule rule : policy.rules()) {
      if (rule.allUnknown().isEmpty() || policy.action() != Action.ALLOW) {
        out.addRules(rule(rule));
      }
    }
    return out;
  }

  /// What is amiss with the policy, or null.
  static @Nullable String warning(AuthorizationPolicyObject policy) {
    String unreadable = policy.unreadable();
    if (unreadable != null) {
      return "the policy cannot be read (" + unreadable + "); everything in its scope is denied";
    }
    List<String> unknown = policy.rules().stream().flatMap(r -> r.allUnknown().stream()).toList();
    if (unknown.isEmpty()) {
      return null;
    }
    return "unknown field "
        + String.join(", ", unknown)
        + (policy.action() == Action.ALLOW
            ? "; the rules with it allow nothing"
            : "; the rules with it are enforced without that part and deny more");
  }

  private static AuthorizationPolicy.Action action(Action action) {
    return switch (action) {
      case ALLOW -> AuthorizationPolicy.Action.ALLOW;
      case DENY -> AuthorizationPolicy.Action.DENY;
      case AUDIT -> AuthorizationPolicy.Action.AUDIT;
      case CUSTOM -> AuthorizationPolicy.Action.CUSTOM;
    };
  }

  private static PolicyRule rule(Rule rule) {
    PolicyRule.Builder out = PolicyRule.newBuilder();
    List<PolicySource> from = new ArrayList<>();
    rule.from().forEach(source -> from.add(source(source)));
    // an alternative without any condition left matches everything, and so does its clause
    if (!from.contains(PolicySource.getDefaultInstance())) {
      out.addAllFrom(from);
    }
    List<PolicyOperation> to = new ArrayList<>();
    rule.to().forEach(operation -> to.add(operation(operation)));
    if (!to.contains(PolicyOperation.getDefaultInstance())) {
      out.addAllTo(to);
    }
    for (Condition condition : rule.when()) {
      if (condition.unknown().isEmpty()) {
        out.addWhen(
            PolicyCondition.newBuilder()
                .setKey(condition.key())
                .addAllValues(condition.values())
                .addAllNotValues(condition.notValues()));
      }
    }
    return out.build();
  }

  private static PolicySource source(Source source) {
    return PolicySource.newBuilder()
        .addAllPrincipals(source.of("principals"))
        .addAllNotPrincipals(source.of("notPrincipals"))
        .addAllRequestPrincipals(source.of("requestPrincipals"))
        .addAllNotRequestPrincipals(source.of("notRequestPrincipals"))
        .addAllNamespaces(source.of("namespaces"))
        .addAllNotNamespaces(source.of("notNamespaces"))
        .addAllIpBlocks(source.of("ipBlocks"))
        .addAllNotIpBlocks(source.of("notIpBlocks"))
        .addAllRemoteIpBlocks(source.of("remoteIpBlocks"))
        .addAllNotRemoteIpBlocks(source.of("notRemoteIpBlocks"))
        .addAllServiceAccounts(source.of("serviceAccounts"))
        .addAllNotServiceAccounts(source.of("notServiceAccounts"))
        .addAllTrustDomains(source.of("trustDomains"))
        .addAllNotTrustDomains(source.of("notTrustDomains"))
        .build();
  }

  private static PolicyOperation operation(Operation operation) {
    return PolicyOperation.newBuilder()
        .addAllHosts(operation.of("hosts"))
        .addAllNotHosts(operation.of("notHosts"))
        .addAllPorts(operation.of("ports"))
        .addAllNotPorts(operation.of("notPorts"))
        .addAllMethods(operation.of("methods"))
        .addAllNotMethods(operation.of("notMethods"))
        .addAllPaths(operation.of("paths"))
        .addAllNotPaths(operation.of("notPaths"))
        .build();
  }
}
