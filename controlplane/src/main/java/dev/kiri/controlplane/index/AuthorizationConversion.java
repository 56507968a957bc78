package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Condition;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Rule;
import dev.kiri.mesh.proto.security.Action;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.security.Group;
import dev.kiri.mesh.proto.security.Match;
import dev.kiri.mesh.proto.security.Rules;
import dev.kiri.mesh.proto.security.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// An AuthorizationPolicy as ztunnels enforce it (controlplane.md 7.1), with a report of what they
/// cannot.
///
/// What cannot be enforced is denied: a rule of an ALLOW policy with such a part is left out, a
/// rule of a DENY policy is enforced without that part and so denies more. Where upstream would
/// leave a DENY rule of HTTP attributes alone without effect (istio/istio#61126), such a rule
/// denies everything in its scope here. Pure.
public final class AuthorizationConversion {
  private AuthorizationConversion() {}

  /// The converted policy, null where nothing goes to ztunnels, and the text of what is amiss, null
  /// where nothing is.
  public record Converted(@Nullable Authorization policy, @Nullable String warning) {}

  static boolean isConverted(AuthorizationPolicyObject policy, MeshSettings settings) {
    return convert(policy, settings).policy() != null;
  }

  /// Converts a policy without targets; one with targets is the waypoints' and gives nothing.
  public static Converted convert(AuthorizationPolicyObject policy, MeshSettings settings) {
    if (!policy.targets().isEmpty()) {
      return new Converted(null, null);
    }
    Authorization.Builder out =
        Authorization.newBuilder()
            .setName(policy.meta().name())
            .setNamespace(policy.meta().namespace())
            .setScope(scope(policy, settings));
    String unreadable = policy.unreadable();
    if (unreadable != null) {
      return new Converted(
          out.setAction(Action.DENY).addGroups(Group.getDefaultInstance()).build(),
          "the policy cannot be read (" + unreadable + "); everything in its scope is denied");
    }
    switch (policy.action()) {
      case AUDIT, CUSTOM -> {
        return new Converted(null, "ztunnel does not support the " + policy.action() + " action");
      }
      case ALLOW -> out.setAction(Action.ALLOW);
      case DENY -> out.setAction(Action.DENY);
    }
    if (policy.dryRun()) {
      if (!settings.dryRunPolicies()) {
        return new Converted(
            null,
            "found policy \""
                + policy.key().path()
                + "\" using dry-run annotation, but support for ambient dry-run"
                + " authorizationPolicies isn't enabled");
      }
      out.setDryRun(true);
    }
    boolean deny = out.getAction() == Action.DENY;
    SortedSet<String> unsupported = new TreeSet<>();
    boolean empty = false;
    for (Rule rule : policy.rules()) {
      SortedSet<String> here = new TreeSet<>();
      Group group = group(rule, policy.meta().namespace(), here);
      unsupported.addAll(here);
      if (here.isEmpty() || deny) {
        out.addGroups(group);
        empty |= !here.isEmpty() && group.getRulesCount() == 0;
      }
    }
    return new Converted(
        out.build(), unsupported.isEmpty() ? null : warning(unsupported, deny, empty));
  }

  private static Scope scope(AuthorizationPolicyObject policy, MeshSettings settings) {
    Map<String, String> selector = policy.selector();
    if (selector != null && !selector.isEmpty()) {
      return Scope.WORKLOAD_SELECTOR;
    }
    return policy.meta().namespace().equals(settings.rootNamespace())
        ? Scope.GLOBAL
        : Scope.NAMESPACE;
  }

  private static String warning(SortedSet<String> found, boolean deny, boolean empty) {
    String tail;
    if (!deny) {
      tail =
          "Within an ALLOW policy, rules matching HTTP attributes are omitted. This will be more"
              + " restrictive than requested.";
    } else if (!empty) {
      tail =
          "DENY policy with HTTP attributes is enforced without the HTTP rules. This will be more"
              + " restrictive than requested.";
    } else {
      tail =
          "A DENY rule of HTTP attributes alone denies all traffic in its scope. Deploy a waypoint"
              + " proxy and use a targetRef to enforce this policy as written.";
    }
    return "ztunnel does not support HTTP attributes (found: "
        + String.join(", ", found)
        + "). In ambient mode you must use a waypoint proxy to enforce HTTP rules. "
        + tail;
  }

  /// The part of a rule that layer 4 can see. A clause one of whose alternatives has no such part
  /// is left out as a whole, because that alternative might match anything.
  private static Group group(Rule rule, String namespace, SortedSet<String> unsupported) {
    Group.Builder group = Group.newBuilder();
    rule.unknown().forEach(field -> unsupported.add("unknown field " + field));
    List<Match> to = new ArrayList<>();
    for (var operation : rule.to()) {
      to.add(MatchConversion.operation(operation, unsupported));
    }
    add(group, to);
    List<Match> from = new ArrayList<>();
    for (var source : rule.from()) {
      from.add(MatchConversion.source(source, namespace, unsupported));
    }
    add(group, from);
    for (Condition condition : rule.when()) {
      add(group, List.of(MatchConversion.condition(condition, namespace, unsupported)));
    }
    return group.build();
  }

  private static void add(Group.Builder group, List<Match> matches) {
    if (!matches.isEmpty() && !matches.contains(Match.getDefaultInstance())) {
      group.addRules(Rules.newBuilder().addAllMatches(matches));
    }
  }
}
