package dev.kiri.mesh.wire;

import static dev.kiri.mesh.testing.Wire.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.UnknownFieldSet;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyMatch;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.policy.ServiceAccountMatcher;
import dev.kiri.mesh.policy.StringMatcher;
import dev.kiri.mesh.proto.security.Action;
import dev.kiri.mesh.proto.security.Address;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.security.Group;
import dev.kiri.mesh.proto.security.Match;
import dev.kiri.mesh.proto.security.Rules;
import dev.kiri.mesh.proto.security.Scope;
import dev.kiri.mesh.proto.security.ServiceAccountMatch;
import dev.kiri.mesh.proto.security.StringMatch;
import dev.kiri.mesh.proto.workload.Extension;
import dev.kiri.mesh.workload.IpPrefix;
import org.junit.jupiter.api.Test;

class PolicyDecoderTest {

  private static Authorization.Builder policy(Match.Builder... matches) {
    var rules = Rules.newBuilder();
    for (var match : matches) {
      rules.addMatches(match);
    }
    return Authorization.newBuilder()
        .setName("p")
        .setNamespace("ns")
        .addGroups(Group.newBuilder().addRules(rules));
  }

  private static PolicyMatch decoded(Match.Builder match) throws InvalidResource {
    return PolicyDecoder.decode("ns/p", policy(match).build())
        .groups()
        .getFirst()
        .clauses()
        .getFirst()
        .matches()
        .getFirst();
  }

  private static UnknownFieldSet unknown(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }

  @Test
  void a_policy_is_known_by_the_name_it_came_under() throws InvalidResource {
    var policy =
        PolicyDecoder.decode(
            "root/other",
            policy()
                .setScope(Scope.WORKLOAD_SELECTOR)
                .setAction(Action.DENY)
                .setDryRun(true)
                .build());

    assertThat(policy.key()).isEqualTo("root/other");
    assertThat(policy.displayName()).isEqualTo("ns/p");
    assertThat(policy.scope()).isEqualTo(PolicyScope.WORKLOAD_SELECTOR);
    assertThat(policy.action()).isEqualTo(PolicyAction.DENY);
    assertThat(policy.dryRun()).isTrue();
  }

  @Test
  void every_field_of_a_match_is_read() throws InvalidResource {
    var match =
        decoded(
            Match.newBuilder()
                .addNamespaces(StringMatch.newBuilder().setExact("a"))
                .addNotNamespaces(StringMatch.newBuilder().setPrefix("b"))
                .addPrincipals(StringMatch.newBuilder().setSuffix("c"))
                .addNotPrincipals(StringMatch.newBuilder().setPresence(Empty.getDefaultInstance()))
                .addSourceIps(Address.newBuilder().setAddress(ip("192.0.2.0")).setLength(24))
                .addNotSourceIps(Address.newBuilder().setAddress(ip("2001:db8::")).setLength(32))
                .addDestinationIps(Address.newBuilder().setAddress(ip("192.0.2.1")).setLength(32))
                .addNotDestinationIps(Address.newBuilder().setAddress(ip("0.0.0.0")))
                .addDestinationPorts(80)
                .addNotDestinationPorts(81)
                .addServiceAccounts(
                    ServiceAccountMatch.newBuilder().setNamespace("n").setServiceAccount("s"))
                .addNotServiceAccounts(
                    ServiceAccountMatch.newBuilder().setNamespace("n").setServiceAccount("t")));

    assertThat(match.namespaces().values()).containsExactly(new StringMatcher.Exact("a"));
    assertThat(match.notNamespaces().values()).containsExactly(new StringMatcher.Prefix("b"));
    assertThat(match.principals().values()).containsExactly(new StringMatcher.Suffix("c"));
    assertThat(match.notPrincipals().values()).containsExactly(new StringMatcher.Presence());
    assertThat(match.sourceIps().values()).containsExactly(IpPrefix.parse("192.0.2.0/24"));
    assertThat(match.notSourceIps().values()).containsExactly(IpPrefix.parse("2001:db8::/32"));
    assertThat(match.destinationIps().values()).containsExactly(IpPrefix.parse("192.0.2.1"));
    assertThat(match.notDestinationIps().values()).containsExactly(IpPrefix.parse("0.0.0.0/0"));
    assertThat(match.destinationPorts().values()).containsExactly(80);
    assertThat(match.notDestinationPorts().values()).containsExactly(81);
    assertThat(match.serviceAccounts().values())
        .containsExactly(new ServiceAccountMatcher("n", "s"));
    assertThat(match.notServiceAccounts().values())
        .containsExactly(new ServiceAccountMatcher("n", "t"));
    assertThat(match.allUnreadable()).isEmpty();
  }

  @Test
  void what_cannot_be_read_is_kept_as_that() throws InvalidResource {
    var match =
        decoded(
            Match.newBuilder()
                .addNamespaces(StringMatch.getDefaultInstance())
                .addSourceIps(Address.newBuilder().setAddress(ByteString.copyFromUtf8("abc")))
                .addNotSourceIps(Address.newBuilder().setAddress(ip("192.0.2.0")).setLength(33))
                .addDestinationPorts(70_000)
                .addExtensions(Extension.newBuilder().setName("new"))
                .setUnknownFields(unknown(99)));

    assertThat(match.allUnreadable())
        .containsExactlyInAnyOrder(
            "namespaces: a match of unknown kind",
            "source_ips: invalid ip address: 3 bytes, expected 4 or 16",
            "not_source_ips: invalid prefix length 33 for 192.0.2.0",
            "destination_ports: port 70000",
            "extension new",
            "unknown field 99");
    assertThat(match.namespaces().isDeclared()).isTrue();
  }

  @Test
  void rules_and_groups_of_a_newer_schema_are_not_wider_than_they_were_meant()
      throws InvalidResource {
    var rules = Rules.newBuilder().setUnknownFields(unknown(7));
    var newer =
        Authorization.newBuilder()
            .addGroups(Group.newBuilder().addRules(rules))
            .addGroups(Group.newBuilder().setUnknownFields(unknown(8)))
            .build();

    var policy = PolicyDecoder.decode("ns/p", newer);

    assertThat(policy.groups())
        .allSatisfy(
            group ->
                assertThat(group.clauses().getFirst().matches().getFirst().unreadable())
                    .isNotEmpty());
  }

  @Test
  void a_scope_or_action_we_do_not_know_refuses_the_policy() {
    assertThatThrownBy(() -> PolicyDecoder.decode("k", policy().setScopeValue(7).build()))
        .isInstanceOf(InvalidResource.class)
        .hasMessage("unknown enum: policy scope 7");
    assertThatThrownBy(() -> PolicyDecoder.decode("k", policy().setActionValue(7).build()))
        .isInstanceOf(InvalidResource.class)
        .hasMessage("unknown enum: policy action 7");
  }
}
