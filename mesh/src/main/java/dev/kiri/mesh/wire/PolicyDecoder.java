package dev.kiri.mesh.wire;

import dev.kiri.mesh.policy.FieldValues;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.L4Policy.Clause;
import dev.kiri.mesh.policy.L4Policy.Group;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyMatch;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.policy.ServiceAccountMatcher;
import dev.kiri.mesh.policy.StringMatcher;
import dev.kiri.mesh.proto.security.Address;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.security.Match;
import dev.kiri.mesh.proto.security.ServiceAccountMatch;
import dev.kiri.mesh.proto.security.StringMatch;
import dev.kiri.mesh.workload.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/// Reads `istio.security.Authorization`. Stateless.
///
/// A scope or action that is not known refuses the policy. A condition that is not understood (a
/// bad address, a string match without a kind, a field of a newer schema, an extension) does not:
/// it is kept as unreadable, and fails closed when evaluated.
public final class PolicyDecoder {
  private PolicyDecoder() {}

  /// @param key the name it was sent under, which is the policy's key
  public static L4Policy decode(String key, Authorization wire) throws InvalidResource {
    return new L4Policy(
        key,
        wire.getNamespace(),
        wire.getName(),
        scope(wire),
        action(wire),
        wire.getDryRun(),
        wire.getGroupsList().stream().map(PolicyDecoder::group).toList());
  }

  private static PolicyScope scope(Authorization wire) throws InvalidResource {
    return switch (wire.getScope()) {
      case GLOBAL -> PolicyScope.GLOBAL;
      case NAMESPACE -> PolicyScope.NAMESPACE;
      case WORKLOAD_SELECTOR -> PolicyScope.WORKLOAD_SELECTOR;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("policy scope", wire.getScopeValue());
    };
  }

  private static PolicyAction action(Authorization wire) throws InvalidResource {
    return switch (wire.getAction()) {
      case ALLOW -> PolicyAction.ALLOW;
      case DENY -> PolicyAction.DENY;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("policy action", wire.getActionValue());
    };
  }

  private static Group group(dev.kiri.mesh.proto.security.Group wire) {
    var clauses = new ArrayList<Clause>();
    for (var rules : wire.getRulesList()) {
      var matches = new ArrayList<PolicyMatch>();
      for (var match : rules.getMatchesList()) {
        matches.add(match(match));
      }
      if (!rules.getUnknownFields().asMap().isEmpty()) {
        matches.add(unknown(rules.getUnknownFields().asMap().keySet()));
      }
      clauses.add(new Clause(matches));
    }
    if (!wire.getUnknownFields().asMap().isEmpty()) {
      clauses.add(new Clause(List.of(unknown(wire.getUnknownFields().asMap().keySet()))));
    }
    return new Group(clauses);
  }

  private static PolicyMatch unknown(Iterable<Integer> fields) {
    return PolicyMatch.builder().unreadable("unknown fields " + fields).build();
  }

  private static PolicyMatch match(Match wire) {
    var match =
        PolicyMatch.builder()
            .namespaces(strings("namespaces", wire.getNamespacesList()))
            .notNamespaces(strings("not_namespaces", wire.getNotNamespacesList()))
            .principals(strings("principals", wire.getPrincipalsList()))
            .notPrincipals(strings("not_principals", wire.getNotPrincipalsList()))
            .serviceAccounts(accounts(wire.getServiceAccountsList()))
            .notServiceAccounts(accounts(wire.getNotServiceAccountsList()))
            .sourceIps(prefixes("source_ips", wire.getSourceIpsList()))
            .notSourceIps(prefixes("not_source_ips", wire.getNotSourceIpsList()))
            .destinationIps(prefixes("destination_ips", wire.getDestinationIpsList()))
            .notDestinationIps(prefixes("not_destination_ips", wire.getNotDestinationIpsList()))
            .destinationPorts(ports("destination_ports", wire.getDestinationPortsList()))
            .notDestinationPorts(ports("not_destination_ports", wire.getNotDestinationPortsList()));
    wire.getExtensionsList().forEach(it -> match.unreadable("extension " + it.getName()));
    wire.getUnknownFields()
        .asMap()
        .keySet()
        .forEach(number -> match.unreadable("unknown field " + number));
    return match.build();
  }

  private static FieldValues<StringMatcher> strings(String field, List<StringMatch> wire) {
    var values = new ArrayList<StringMatcher>(wire.size());
    var unreadable = new ArrayList<String>(0);
    for (var each : wire) {
      switch (each.getMatchTypeCase()) {
        case EXACT -> values.add(new StringMatcher.Exact(each.getExact()));
        case PREFIX -> values.add(new StringMatcher.Prefix(each.getPrefix()));
        case SUFFIX -> values.add(new StringMatcher.Suffix(each.getSuffix()));
        case PRESENCE -> values.add(new StringMatcher.Presence());
        case MATCHTYPE_NOT_SET -> unreadable.add(field + ": a match of unknown kind");
      }
    }
    return new FieldValues<>(values, unreadable);
  }

  private static FieldValues<ServiceAccountMatcher> accounts(List<ServiceAccountMatch> wire) {
    return FieldValues.of(
        wire.stream()
            .map(each -> new ServiceAccountMatcher(each.getNamespace(), each.getServiceAccount()))
            .toList());
  }

  private static FieldValues<IpPrefix> prefixes(String field, List<Address> wire) {
    var values = new ArrayList<IpPrefix>(wire.size());
    var unreadable = new ArrayList<String>(0);
    for (var each : wire) {
      try {
        values.add(new IpPrefix(WireTypes.address(each.getAddress()), each.getLength()));
      } catch (InvalidResource | IllegalArgumentException bad) {
        unreadable.add(field + ": " + bad.getMessage());
      }
    }
    return new FieldValues<>(values, unreadable);
  }

  private static FieldValues<Integer> ports(String field, List<Integer> wire) {
    var values = new ArrayList<Integer>(wire.size());
    var unreadable = new ArrayList<String>(0);
    for (int port : wire) {
      if (port < 0 || port > 0xffff) {
        unreadable.add(field + ": port " + Integer.toUnsignedString(port));
      } else {
        values.add(port);
      }
    }
    return new FieldValues<>(values, unreadable);
  }
}
