package dev.kiri.mesh.store;

import dev.kiri.mesh.policy.ApplicablePolicies;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The layer 4 policies. Immutable.
///
/// @param byKey all of them
/// @param byNamespace to [OneOrMany] policies of namespace scope; those of global scope under `""`
record PolicyTable(
    PartitionedMap<String, L4Policy> byKey, PartitionedMap<String, Object> byNamespace) {

  static final PolicyTable EMPTY = new PolicyTable(PartitionedMap.empty(), PartitionedMap.empty());

  ApplicablePolicies of(Workload workload) {
    if (byKey.size() == 0 && workload.authorizationPolicies().isEmpty()) {
      return ApplicablePolicies.NONE;
    }
    var policies = new LinkedHashSet<L4Policy>();
    policies.addAll(OneOrMany.list(byNamespace.get(workload.namespace())));
    policies.addAll(OneOrMany.list(byNamespace.get("")));
    List<String> missing = new ArrayList<>();
    for (String key : workload.authorizationPolicies()) {
      var policy = byKey.get(key);
      if (policy == null) {
        missing.add(key);
      } else {
        policies.add(policy);
      }
    }
    return new ApplicablePolicies(List.copyOf(policies), missing);
  }

  Editor edit() {
    return new Editor(this);
  }

  /// A batch of changes.
  static final class Editor {
    private final PartitionedMap.Editor<String, L4Policy> byKey;
    private final PartitionedMap.Editor<String, Object> byNamespace;

    private Editor(PolicyTable table) {
      byKey = table.byKey.edit();
      byNamespace = table.byNamespace.edit();
    }

    void put(L4Policy policy) {
      remove(policy.key());
      byKey.set(policy.key(), policy);
      var namespace = namespace(policy);
      if (namespace != null) {
        byNamespace.set(namespace, OneOrMany.with(byNamespace.get(namespace), policy));
      }
    }

    boolean remove(String key) {
      var old = byKey.get(key);
      if (old == null) {
        return false;
      }
      byKey.set(key, null);
      var namespace = namespace(old);
      if (namespace != null) {
        byNamespace.set(
            namespace,
            OneOrMany.<L4Policy>without(
                byNamespace.get(namespace), policy -> policy.key().equals(key)));
      }
      return true;
    }

    private static @Nullable String namespace(L4Policy policy) {
      return switch (policy.scope()) {
        case PolicyScope.GLOBAL -> "";
        case PolicyScope.NAMESPACE -> policy.namespace();
        case PolicyScope.WORKLOAD_SELECTOR -> null;
      };
    }

    PolicyTable done() {
      return new PolicyTable(byKey.done(), byNamespace.done());
    }
  }
}
