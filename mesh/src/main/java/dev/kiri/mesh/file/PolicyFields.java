package dev.kiri.mesh.file;

import dev.kiri.mesh.policy.FieldValues;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.L4Policy.Clause;
import dev.kiri.mesh.policy.L4Policy.Group;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyMatch;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.policy.ServiceAccountMatcher;
import dev.kiri.mesh.policy.StringMatcher;
import dev.kiri.mesh.workload.IpPrefix;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads a policy. Whatever cannot be read is an error here: nothing is guessed.
final class PolicyFields {
  private static final Map<String, PolicyScope> SCOPES = Fields.spelled(PolicyScope.class);
  private static final Map<String, PolicyAction> ACTIONS = Fields.spelled(PolicyAction.class);

  private PolicyFields() {}

  static L4Policy read(Fields fields) throws InvalidMeshFile {
    String namespace = fields.text("namespace");
    String name = fields.text("name");
    return new L4Policy(
        namespace + "/" + name,
        namespace,
        name,
        fields.one("scope", SCOPES),
        fields.one("action", ACTIONS),
        fields.flag("dryRun"),
        fields.neededList("rules", PolicyFields::group));
  }

  private static Group group(Node node, String path) throws InvalidMeshFile {
    return new Group(Fields.list(node, path, PolicyFields::clause));
  }

  private static Clause clause(Node node, String path) throws InvalidMeshFile {
    return new Clause(
        Fields.list(node, path, (each, where) -> Fields.object(each, where, PolicyFields::match)));
  }

  private static PolicyMatch match(Fields fields) throws InvalidMeshFile {
    return PolicyMatch.builder()
        .namespaces(strings(fields, "namespaces"))
        .notNamespaces(strings(fields, "notNamespaces"))
        .principals(strings(fields, "principals"))
        .notPrincipals(strings(fields, "notPrincipals"))
        .serviceAccounts(accounts(fields, "serviceAccounts"))
        .notServiceAccounts(accounts(fields, "notServiceAccounts"))
        .sourceIps(FieldValues.of(fields.values("sourceIps", IpPrefix::parse)))
        .notSourceIps(FieldValues.of(fields.values("notSourceIps", IpPrefix::parse)))
        .destinationIps(FieldValues.of(fields.values("destinationIps", IpPrefix::parse)))
        .notDestinationIps(FieldValues.of(fields.values("notDestinationIps", IpPrefix::parse)))
        .destinationPorts(FieldValues.of(fields.values("destinationPorts", Fields::number)))
        .notDestinationPorts(FieldValues.of(fields.values("notDestinationPorts", Fields::number)))
        .build();
  }

  private static FieldValues<StringMatcher> strings(Fields fields, String name)
      throws InvalidMeshFile {
    return FieldValues.of(fields.list(name, PolicyFields::string));
  }

  /// `!Exact a`, or `{Exact: a}` as in a dump.
  private static StringMatcher string(Node node, String path) throws InvalidMeshFile {
    if (node instanceof MappingNode mapping && mapping.getValue().size() == 1) {
      var only = mapping.getValue().getFirst();
      String kind = Fields.scalar(only.getKeyNode(), path);
      return kind.equals("Presence")
          ? new StringMatcher.Presence()
          : string(node, path, kind, Fields.scalar(only.getValueNode(), path));
    }
    String tag = node.getTag().getValue();
    String kind = tag.startsWith("!") ? tag.substring(1) : "";
    if (kind.equals("Presence")) {
      return new StringMatcher.Presence();
    }
    String value = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    return string(node, path, kind, value);
  }

  private static StringMatcher string(Node node, String path, String kind, String value)
      throws InvalidMeshFile {
    return switch (kind) {
      case "Exact" -> new StringMatcher.Exact(value);
      case "Prefix" -> new StringMatcher.Prefix(value);
      case "Suffix" -> new StringMatcher.Suffix(value);
      default ->
          throw InvalidMeshFile.at(
              node, path, "accepted: !Exact x, !Prefix x, !Suffix x, !Presence []");
    };
  }

  private static FieldValues<ServiceAccountMatcher> accounts(Fields fields, String name)
      throws InvalidMeshFile {
    return FieldValues.of(
        fields.list(
            name,
            (node, path) ->
                Fields.object(
                    node,
                    path,
                    each ->
                        new ServiceAccountMatcher(
                            each.text("namespace"), each.text("serviceAccount")))));
  }
}
