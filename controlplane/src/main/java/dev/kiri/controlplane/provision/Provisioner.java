package dev.kiri.controlplane.provision;

import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectWriter;
import dev.kiri.controlplane.source.WriteQueue;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes what [Provisioning] wants and deletes what it finds left over, in the background.
public final class Provisioner {
  private final Provisioning provisioning;
  private final ObjectWriter writer;
  private final WriteQueue queue;

  /// Follows the tables.
  public Provisioner(Provisioning provisioning, ObjectWriter writer, WriteQueue queue) {
    this.provisioning = provisioning;
    this.writer = writer;
    this.queue = queue;
    for (Table<String, Provisioning.Wanted> table : provisioning.wanted()) {
      table.onChange(changes -> changes.forEach(change -> apply(change.after())));
    }
    for (Table<String, ObjectKey> table : provisioning.leftOver()) {
      table.onChange(changes -> changes.forEach(change -> delete(change.after())));
    }
  }

  /// Writes and deletes everything again: for a process that begins to write. On the index's
  /// thread.
  public void all() {
    provisioning.wanted().forEach(table -> table.rows().values().forEach(this::apply));
    provisioning.leftOver().forEach(table -> table.rows().values().forEach(this::delete));
  }

  private void apply(Provisioning.@Nullable Wanted wanted) {
    if (wanted != null) {
      wanted
          .objects()
          .forEach((key, tree) -> queue.put("object " + key, () -> writer.apply(key, tree)));
    }
  }

  private void delete(@Nullable ObjectKey key) {
    if (key != null) {
      queue.put("object " + key, () -> writer.delete(key));
    }
  }

  /// Makes the GatewayClasses of ours that are not there; those that are stay as they are.
  public void ensureClasses(Set<String> present) {
    for (String name : WaypointClasses.names()) {
      if (!present.contains(name)) {
        ObjectKey key = new ObjectKey(Kind.GATEWAY_CLASS, "", name);
        queue.put("object " + key, () -> writer.apply(key, gatewayClass(name)));
      }
    }
  }

  private static Map<String, Object> gatewayClass(String name) {
    return Trees.map(
        "apiVersion", Kind.GATEWAY_CLASS.apiVersion(),
        "kind", Kind.GATEWAY_CLASS.kindName(),
        "metadata", Trees.map("name", name),
        "spec",
            Trees.map(
                "controllerName",
                WaypointClasses.CONTROLLER,
                "description",
                "Waypoints provisioned and configured by Kiri"));
  }
}
