package dev.kiri.controlplane.status;

import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The status of a WorkloadEntry: who has the address it names, where that is somebody else; and
/// why it is refused. In a condition of ours, as upstream is silent about both.
final class WorkloadEntryStatus {
  private static final String TYPE = "kiri.dev/AddressAccepted";

  private WorkloadEntryStatus() {}

  static @Nullable Map<String, Object> of(WorkloadEntryObject entry, Map<String, String> owners) {
    return owners.isEmpty()
        ? null
        : GatewayStatus.conditions(conflict(owners, entry.meta().generation()));
  }

  /// What an entry says about addresses that are not its own.
  static Condition conflict(Map<String, String> owners, long generation) {
    return Condition.no(
        TYPE,
        "AddressConflict",
        owners.entrySet().stream()
            .map(e -> e.getKey() + " belongs to " + e.getValue())
            .collect(Collectors.joining("; ", "", ", and is not found here by its address")),
        generation);
  }

  static Map<String, Object> refused(WorkloadEntryObject entry, String problem) {
    return GatewayStatus.conditions(
        Condition.no(
            TYPE,
            "Invalid",
            problem + "; what was accepted before stays in force",
            entry.meta().generation()));
  }
}
