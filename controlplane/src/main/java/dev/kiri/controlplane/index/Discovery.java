package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshConfig;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Which namespaces' objects count (`discoverySelectors` of the mesh's configuration): of the
/// others nothing is in the tables, and what there is of them is kept here until they count.
/// Namespaces themselves and ConfigMaps always count, and so does everything in the root namespace.
/// Confined to the index's thread.
final class Discovery {
  private final ObjectTables tables;
  private final MeshSettings settings;
  private MeshConfig mesh = MeshConfig.NONE;
  private final Map<String, Map<ObjectKey, ObjectChange>> withheld = new HashMap<>();

  Discovery(ObjectTables tables, MeshSettings settings) {
    this.tables = tables;
    this.settings = settings;
  }

  /// Takes a change into the tables, or keeps it.
  void take(ObjectChange change) {
    ObjectKey key = change.key();
    String namespace = key.namespace();
    if (!key.kind().namespaced() || key.kind() == Kind.CONFIG_MAP) {
      tables.take(change);
      if (key.kind() == Kind.NAMESPACE) {
        look(key.name());
      } else if (key.path().equals(MeshConfigs.path(settings))) {
        configured();
      }
    } else if (counts(namespace)) {
      tables.take(change);
    } else if (change instanceof ObjectChange.Gone) {
      withheld.getOrDefault(namespace, new TreeMap<>()).remove(key);
    } else {
      keep(change);
    }
  }

  /// A refusal says nothing about what was in force before, which is kept too.
  private void keep(ObjectChange change) {
    Map<ObjectKey, ObjectChange> kept =
        withheld.computeIfAbsent(change.key().namespace(), _ -> new TreeMap<>());
    ObjectChange before = kept.get(change.key());
    kept.put(
        change.key(),
        change instanceof ObjectChange.Refused && before instanceof ObjectChange.Put put
            ? put
            : change);
  }

  private boolean counts(String namespace) {
    return namespace.equals(settings.rootNamespace())
        || mesh.discovers(
            NamespaceObject.labels(namespace, tables.namespaces.rows().get(namespace)));
  }

  private void configured() {
    ConfigMapObject map = tables.configMaps.rows().get(MeshConfigs.path(settings));
    MeshConfig now = map == null ? MeshConfig.NONE : map.mesh();
    boolean same = now.discoverySelectors().equals(mesh.discoverySelectors());
    mesh = now;
    if (!same) {
      Set<String> all = new HashSet<>(withheld.keySet());
      tables.forEach(object -> all.add(object.meta().namespace()));
      all.forEach(this::look);
    }
  }

  /// Brings a namespace to what counts of it now.
  private void look(String namespace) {
    if (counts(namespace)) {
      Map<ObjectKey, ObjectChange> back = withheld.remove(namespace);
      if (back != null) {
        back.values().forEach(tables::take);
      }
    } else if (!withheld.containsKey(namespace)) {
      withheld.put(namespace, new TreeMap<>());
      List<MeshObject> out = new ArrayList<>();
      tables.forEach(
          object -> {
            if (object.meta().namespace().equals(namespace)) {
              out.add(object);
            }
          });
      List<ObjectChange> changes = new ArrayList<>(tables.refusedIn(namespace));
      out.forEach(object -> changes.add(tables.asPut(object)));
      for (ObjectChange change : changes) {
        keep(change);
      }
      for (ObjectChange change : changes) {
        tables.take(new ObjectChange.Gone(change.key()));
      }
    }
  }
}
