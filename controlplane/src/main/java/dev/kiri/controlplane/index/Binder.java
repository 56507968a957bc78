package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which waypoint an object asked for, and whether it gets it (controlplane.md 5.4). Stateless
/// apart from its tables.
final class Binder {
  private final ObjectTables tables;
  private final Table<String, Waypoint> waypoints;

  private final MeshConfigs mesh;

  Binder(ObjectTables tables, Table<String, Waypoint> waypoints, MeshConfigs mesh) {
    this.tables = tables;
    this.waypoints = waypoints;
    this.mesh = mesh;
  }

  Binding service(Meta service, Reader reader) {
    String managed = service.labels().getOrDefault(WellKnown.MANAGED, "");
    if (managed.equals(WellKnown.MANAGED_MESH) || managed.equals(WellKnown.MANAGED_EAST_WEST)) {
      return new Binding.Unbound();
    }
    return bind(service, "service", reader);
  }

  /// What a waypoint of another namespace is told of an entry would leave the namespace.
  Binding entry(ServiceEntryObject entry, Reader reader) {
    Binding binding = service(entry.meta(), reader);
    return switch (mesh.visibility(entry, reader)) {
      case PUBLIC -> binding;
      case NONE -> new Binding.Unbound();
      case NAMESPACE -> binding instanceof Binding.Bound bound ? within(bound, entry) : binding;
    };
  }

  private static Binding within(Binding.Bound bound, ServiceEntryObject entry) {
    String namespace = entry.meta().namespace();
    if (!bound.waypoint().namespace().equals(namespace)) {
      return forbidden(bound.waypoint());
    }
    return bound.canary() instanceof Binding.Canary.Attached(Waypoint canary, int _)
            && !canary.namespace().equals(namespace)
        ? new Binding.Bound(
            bound.waypoint(), new Binding.Canary.Failed(forbidden(canary).message()))
        : bound;
  }

  private static Binding.Denied forbidden(Waypoint waypoint) {
    return new Binding.Denied(waypoint.path(), Binding.Reason.CrossNamespaceWaypointForbidden);
  }

  Binding workload(Meta pod, Reader reader) {
    if (pod.labels().containsKey(WellKnown.GATEWAY_NAME)) {
      return new Binding.Unbound();
    }
    return bind(pod, "workload", reader);
  }

  private Binding bind(Meta object, String kind, Reader reader) {
    NamespaceObject namespace = reader.get(tables.namespaces, object.namespace());
    String wanted = wanted(object.labels(), object.namespace());
    boolean inherited = wanted == null;
    if (inherited && namespace != null) {
      wanted = wanted(namespace.meta().labels(), object.namespace());
    }
    if (wanted == null || wanted.isEmpty()) {
      return new Binding.Unbound();
    }
    Binding found = look(wanted, object, kind, inherited, namespace, reader);
    return kind.equals("service") && found instanceof Binding.Bound(Waypoint waypoint, var _)
        ? new Binding.Bound(
            waypoint,
            canary(
                waypoint,
                inherited && namespace != null ? namespace.meta() : object,
                object,
                namespace,
                reader))
        : found;
  }

  /// @param labelled the object or namespace whose labels named the first waypoint
  private Binding.Canary canary(
      Waypoint first,
      Meta labelled,
      Meta object,
      @Nullable NamespaceObject namespace,
      Reader reader) {
    String name = labelled.labels().getOrDefault(WellKnown.CANARY, "");
    if (name.isEmpty() || name.equals("none")) {
      return new Binding.Canary.None();
    }
    String wanted =
        labelled.labels().getOrDefault(WellKnown.CANARY_NAMESPACE, object.namespace()) + "/" + name;
    if (wanted.equals(first.path())) {
      return new Binding.Canary.Failed(
          "canary waypoint \"" + wanted + "\" must differ from the primary waypoint");
    }
    String weight = labelled.annotations().getOrDefault(WellKnown.CANARY_WEIGHT, "0");
    if (!weight.matches("100|[1-9]?[0-9]")) {
      return new Binding.Canary.Failed(
          "canary waypoint \""
              + wanted
              + "\" has an invalid weight; must be an integer in [0,100]");
    }
    return switch (look(wanted, object, "service", false, namespace, reader)) {
      case Binding.Bound(Waypoint waypoint, var _) ->
          new Binding.Canary.Attached(waypoint, Integer.parseInt(weight));
      case Binding.Denied denied -> new Binding.Canary.Failed(denied.message());
      case Binding.Unbound() -> new Binding.Canary.None();
    };
  }

  private Binding look(
      String wanted,
      Meta object,
      String kind,
      boolean inherited,
      @Nullable NamespaceObject namespace,
      Reader reader) {
    Waypoint waypoint = reader.get(waypoints, wanted);
    if (waypoint == null) {
      boolean exists = reader.get(tables.gateways, wanted) != null;
      return new Binding.Denied(
          wanted, exists ? Binding.Reason.WaypointIsNotReady : Binding.Reason.WaypointDoesNotExist);
    }
    if (!waypoint.admits(object.namespace(), namespace)) {
      return new Binding.Denied(wanted, Binding.Reason.AttachmentDenied);
    }
    if (!waypoint.serves(kind)) {
      return kind.equals("workload") && inherited
          ? new Binding.Unbound()
          : new Binding.Denied(wanted, Binding.Reason.UnsupportedTrafficType);
    }
    return new Binding.Bound(waypoint, new Binding.Canary.None());
  }

  /// The waypoint named by labels, empty for an opt-out, null where the labels say nothing.
  private static @Nullable String wanted(Map<String, String> labels, String namespace) {
    String name = labels.get(WellKnown.USE_WAYPOINT);
    if (name == null || name.isEmpty()) {
      return null;
    }
    if (name.equals("none")) {
      return "";
    }
    return labels.getOrDefault(WellKnown.USE_WAYPOINT_NAMESPACE, namespace) + "/" + name;
  }
}
