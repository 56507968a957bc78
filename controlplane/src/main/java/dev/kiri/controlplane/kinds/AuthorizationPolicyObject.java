package dev.kiri.controlplane.kinds;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An AuthorizationPolicy.
///
/// A condition that is not understood must never make a policy wider. Every source, operation,
/// condition and rule therefore carries the paths of the fields in it that are not known; whoever
/// converts the policy treats such a part as one that it cannot enforce.
///
/// @param selector null where absent
/// @param unreadable set where the policy as a whole cannot be read (an unknown action, a list that
///     is none): it denies everything in its scope, and this is the reason
public record AuthorizationPolicyObject(
    Meta meta,
    Action action,
    @Nullable Map<String, String> selector,
    List<TargetRef> targets,
    List<Rule> rules,
    boolean dryRun,
    String provider,
    @Nullable String unreadable)
    implements MeshObject {
  /// What a match leads to.
  public enum Action {
    ALLOW,
    DENY,
    AUDIT,
    CUSTOM
  }

  /// What the policy is attached to at a waypoint. The namespace is the policy's where none is
  /// written.
  public record TargetRef(String group, String kind, String namespace, String name) {
    /// The way upstream names a target in messages: `Kind.group:namespace/name`, `core` for the
    /// empty group.
    public String text() {
      return kind + "." + (group.isEmpty() ? "core" : group) + ":" + namespace + "/" + name;
    }
  }

  /// `from` (any of) and `to` (any of) and `when` (all of).
  public record Rule(
      List<Source> from, List<Operation> to, List<Condition> when, List<String> unknown) {
    /// Paths of all fields in the rule that are not known.
    public List<String> allUnknown() {
      List<String> all = new ArrayList<>(unknown);
      from.forEach(f -> all.addAll(f.unknown()));
      to.forEach(t -> all.addAll(t.unknown()));
      when.forEach(w -> all.addAll(w.unknown()));
      return all;
    }
  }

  /// Values of the fields of one source or operation, by field name as in the API.
  public record Source(Map<String, List<String>> values, List<String> unknown) {
    /// The values of a field; empty where absent.
    public List<String> of(String field) {
      return values.getOrDefault(field, List.of());
    }
  }

  /// One operation, as [Source].
  public record Operation(Map<String, List<String>> values, List<String> unknown) {
    /// The values of a field; empty where absent.
    public List<String> of(String field) {
      return values.getOrDefault(field, List.of());
    }
  }

  /// One `when` entry.
  public record Condition(
      String key, List<String> values, List<String> notValues, List<String> unknown) {}

  @Override
  public Kind kind() {
    return Kind.AUTHORIZATION_POLICY;
  }
}
