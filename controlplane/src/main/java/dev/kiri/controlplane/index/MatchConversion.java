package dev.kiri.controlplane.index;

import com.google.protobuf.Empty;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Condition;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Operation;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.Source;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.mesh.proto.security.Address;
import dev.kiri.mesh.proto.security.Match;
import dev.kiri.mesh.proto.security.ServiceAccountMatch;
import dev.kiri.mesh.proto.security.StringMatch;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// Sources, operations and conditions of a policy as layer 4 matches. What layer 4 cannot see is
/// noted and left out; the result is then the default instance where nothing is left. Pure.
final class MatchConversion {
  private MatchConversion() {}

  static Match source(Source source, String namespace, SortedSet<String> unsupported) {
    Match.Builder out = Match.newBuilder();
    noteUnknown(source.unknown(), unsupported);
    for (Map.Entry<String, List<String>> field : source.values().entrySet()) {
      List<String> values = field.getValue();
      switch (field.getKey()) {
        case "principals" -> out.addAllPrincipals(strings(values));
        case "notPrincipals" -> out.addAllNotPrincipals(strings(values));
        case "namespaces" -> out.addAllNamespaces(strings(values));
        case "notNamespaces" -> out.addAllNotNamespaces(strings(values));
        case "ipBlocks" -> out.addAllSourceIps(addresses(values));
        case "notIpBlocks" -> out.addAllNotSourceIps(addresses(values));
        case "serviceAccounts" -> out.addAllServiceAccounts(accounts(values, namespace));
        case "notServiceAccounts" -> out.addAllNotServiceAccounts(accounts(values, namespace));
        default -> unsupported.add(field.getKey());
      }
    }
    return out.build();
  }

  static Match operation(Operation operation, SortedSet<String> unsupported) {
    Match.Builder out = Match.newBuilder();
    noteUnknown(operation.unknown(), unsupported);
    for (Map.Entry<String, List<String>> field : operation.values().entrySet()) {
      switch (field.getKey()) {
        case "ports" -> out.addAllDestinationPorts(ports(field.getValue()));
        case "notPorts" -> out.addAllNotDestinationPorts(ports(field.getValue()));
        default -> unsupported.add(field.getKey());
      }
    }
    return out.build();
  }

  static Match condition(Condition condition, String namespace, SortedSet<String> unsupported) {
    Match.Builder out = Match.newBuilder();
    noteUnknown(condition.unknown(), unsupported);
    if (!condition.unknown().isEmpty()) {
      return out.build();
    }
    List<String> in = condition.values();
    List<String> out2 = condition.notValues();
    switch (condition.key()) {
      case "source.ip" -> out.addAllSourceIps(addresses(in)).addAllNotSourceIps(addresses(out2));
      case "source.namespace" ->
          out.addAllNamespaces(strings(in)).addAllNotNamespaces(strings(out2));
      case "source.principal" ->
          out.addAllPrincipals(strings(in)).addAllNotPrincipals(strings(out2));
      case "source.serviceAccount" ->
          out.addAllServiceAccounts(accounts(in, namespace))
              .addAllNotServiceAccounts(accounts(out2, namespace));
      case "destination.ip" ->
          out.addAllDestinationIps(addresses(in)).addAllNotDestinationIps(addresses(out2));
      case "destination.port" ->
          out.addAllDestinationPorts(ports(in)).addAllNotDestinationPorts(ports(out2));
      default -> unsupported.add(condition.key());
    }
    return out.build();
  }

  private static void noteUnknown(List<String> fields, SortedSet<String> unsupported) {
    fields.forEach(field -> unsupported.add("unknown field " + field));
  }

  static StringMatch string(String value) {
    StringMatch.Builder out = StringMatch.newBuilder();
    if (value.equals("*")) {
      return out.setPresence(Empty.getDefaultInstance()).build();
    }
    if (value.startsWith("*")) {
      return out.setSuffix(value.substring(1)).build();
    }
    if (value.endsWith("*")) {
      return out.setPrefix(value.substring(0, value.length() - 1)).build();
    }
    return out.setExact(value).build();
  }

  private static List<StringMatch> strings(List<String> values) {
    return values.stream().map(MatchConversion::string).toList();
  }

  private static List<Address> addresses(List<String> values) {
    return values.stream()
        .flatMap(v -> IpBlock.parse(v).stream())
        .map(
            b ->
                Address.newBuilder()
                    .setAddress(Encoding.bytes(b.address()))
                    .setLength(b.length())
                    .build())
        .toList();
  }

  private static List<Integer> ports(List<String> values) {
    return values.stream().map(Integer::valueOf).toList();
  }

  private static List<ServiceAccountMatch> accounts(List<String> values, String namespace) {
    return values.stream()
        .map(
            value -> {
              int slash = value.indexOf('/');
              return ServiceAccountMatch.newBuilder()
                  .setNamespace(slash < 0 ? namespace : value.substring(0, slash))
                  .setServiceAccount(value.substring(slash + 1))
                  .build();
            })
        .toList();
  }
}
