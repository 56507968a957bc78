package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.LabelSelector;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject.Mode;
import dev.kiri.mesh.proto.security.Action;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.security.Group;
import dev.kiri.mesh.proto.security.Match;
import dev.kiri.mesh.proto.security.Rules;
import dev.kiri.mesh.proto.security.Scope;
import dev.kiri.mesh.proto.security.StringMatch;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Strictness as policy: a workload that must not take plaintext references a DENY policy for
/// connections without an authenticated principal (controlplane.md 7.2, 7.3). Stateless apart from
/// its tables. Unlike upstream, a port switched to DISABLE under a strict parent is exempt, as a
/// PERMISSIVE one is (controlplane.md 20).
final class PeerAuthentications {
  private static final String STATIC_STRICT = "istio_converted_static_strict";
  private static final String CONVERTED = "converted_peer_authentication_";

  private final ObjectTables tables;
  private final MeshSettings settings;

  PeerAuthentications(ObjectTables tables, MeshSettings settings) {
    this.tables = tables;
    this.settings = settings;
  }

  /// Names of the policies that a workload references on account of PeerAuthentications.
  List<String> policiesOf(Meta workload, Reader reader) {
    String namespace = workload.namespace();
    boolean strict = isStrict(inherited(namespace, reader), false);
    PeerAuthenticationObject own =
        namespace.equals(settings.rootNamespace())
            ? null
            : oldest(
                namespace,
                p -> p.selector() != null && selects(p.selector(), workload.labels()),
                reader);
    if (own == null) {
      return strict ? List.of(staticName()) : List.of();
    }
    if (converted(own, reader) != null) {
      return List.of(convertedName(own));
    }
    return isStrict(own.mode(), strict) ? List.of(staticName()) : List.of();
  }

  private static boolean selects(Map<String, String> selector, Map<String, String> labels) {
    return selector.isEmpty() || LabelSelector.selects(selector, labels);
  }

  /// The policy made from a workload-level PeerAuthentication with ports, or null where none is
  /// needed.
  @Nullable Authorization converted(PeerAuthenticationObject policy, Reader reader) {
    if (policy.selector() == null
        || policy.ports().isEmpty()
        || policy.meta().namespace().equals(settings.rootNamespace())) {
      return null;
    }
    boolean strict =
        isStrict(policy.mode(), isStrict(inherited(policy.meta().namespace(), reader), false));
    SortedMap<Integer, Boolean> ports = new TreeMap<>();
    policy.ports().forEach((port, mode) -> ports.put(port, isStrict(mode, strict)));
    ports.values().removeIf(portStrict -> portStrict == strict);
    if (ports.isEmpty()) {
      return null;
    }
    Authorization.Builder out =
        Authorization.newBuilder()
            .setName(CONVERTED + policy.meta().name())
            .setNamespace(policy.meta().namespace())
            .setScope(Scope.WORKLOAD_SELECTOR)
            .setAction(Action.DENY);
    if (strict) {
      Group.Builder group = Group.newBuilder().addRules(rule(noPrincipal()));
      ports
          .keySet()
          .forEach(port -> group.addRules(rule(Match.newBuilder().addNotDestinationPorts(port))));
      out.addGroups(group);
    } else {
      ports
          .keySet()
          .forEach(
              port ->
                  out.addGroups(
                      Group.newBuilder().addRules(rule(noPrincipal().addDestinationPorts(port)))));
    }
    return out.build();
  }

  /// The policy every strict workload references.
  Authorization staticStrict() {
    return Authorization.newBuilder()
        .setName(STATIC_STRICT)
        .setNamespace(settings.rootNamespace())
        .setScope(Scope.WORKLOAD_SELECTOR)
        .setAction(Action.DENY)
        .addGroups(Group.newBuilder().addRules(rule(noPrincipal())))
        .build();
  }

  String staticName() {
    return settings.rootNamespace() + "/" + STATIC_STRICT;
  }

  static String convertedName(PeerAuthenticationObject policy) {
    return policy.meta().namespace() + "/" + CONVERTED + policy.meta().name();
  }

  /// The mode that holds for a namespace without regard to selectors.
  private Mode inherited(String namespace, Reader reader) {
    PeerAuthenticationObject mesh =
        oldest(settings.rootNamespace(), p -> p.selector() == null, reader);
    Mode mode = mesh == null ? Mode.UNSET : mesh.mode();
    if (!namespace.equals(settings.rootNamespace())) {
      PeerAuthenticationObject own = oldest(namespace, p -> p.selector() == null, reader);
      if (own != null && own.mode() != Mode.UNSET) {
        mode = own.mode();
      }
    }
    return mode == Mode.UNSET ? Mode.PERMISSIVE : mode;
  }

  private static boolean isStrict(Mode mode, boolean parent) {
    return mode == Mode.UNSET ? parent : mode == Mode.STRICT;
  }

  private @Nullable PeerAuthenticationObject oldest(
      String namespace, Predicate<PeerAuthenticationObject> which, Reader reader) {
    return reader.find(tables.peerAuthenticationsByNamespace, namespace).stream()
        .filter(which)
        .min(MeshObject.AGE)
        .orElse(null);
  }

  private static Match.Builder noPrincipal() {
    return Match.newBuilder()
        .addNotPrincipals(
            StringMatch.newBuilder().setPresence(com.google.protobuf.Empty.getDefaultInstance()));
  }

  private static Rules rule(Match.Builder match) {
    return Rules.newBuilder().addMatches(match).build();
  }
}
