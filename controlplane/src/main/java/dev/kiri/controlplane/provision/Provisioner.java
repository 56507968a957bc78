package dev.kiri.controlplane.provision;

import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectWriter;
import dev.kiri.controlplane.source.WriteQueue;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes what [Provisioning] wants and deletes what it finds left over, in the background.
public final class Provisioner {
  private final ObjectWriter writer;
  private final WriteQueue queue;

  /// Follows the tables.
  public Provisioner(Provisioning provisioning, ObjectWriter writer, WriteQueue queue) {
    this.writer = writer;
    this.queue = queue;
    for (Table<String, Provisioning.Wanted> table : provisioning.wanted()) {
      table.onChange(
          changes ->
              changes.forEach(
                  change -> {
                    Provisioning.Wanted wanted = change.after();
                    if (wanted != null) {
                      wanted
                          .objects()
                          .forEach(
                              (key, tree) ->
                                  queue.put("object " + key, () -> writer.apply(key, tree)));
                    }
                  }));
    }
    for (Table<String, ObjectKey> table : provisioning.leftOver()) {
      table.onChange(
          changes -> delete(changes.stream().map(Table.Change::after).toList(), writer, queue));
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

  private static void delete(
      List<? extends @org.jspecify.annotations.Nullable ObjectKey> keys,
      ObjectWriter writer,
      WriteQueue queue) {
    for (ObjectKey key : keys) {
      if (key != null) {
        queue.put("object " + key, () -> writer.delete(key));
      }
    }
  }
}
