package dev.kiri.controlplane.provision;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.GatewayClassObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.ParametersRef;
import dev.kiri.controlplane.kinds.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What users lay over the objects of a waypoint (controlplane.md 9.6): the parameters of its
/// class, the ConfigMap of the root namespace that is labelled as the class's defaults, the
/// parameters of the Gateway, in this order. What cannot be laid over is refused as a whole, so
/// that no object is made that lacks a part of what was asked for. Stateless apart from its tables.
public final class GatewayOverlays {
  private static final List<String> FIXED =
      List.of("name", "namespace", "ownerReferences", "finalizers");

  private final ObjectTables objects;
  private final MeshSettings settings;

  /// Reads ConfigMaps and GatewayClasses.
  public GatewayOverlays(ObjectTables objects, MeshSettings settings) {
    this.objects = objects;
    this.settings = settings;
  }

  /// What comes of the overlays of a Gateway.
  public sealed interface Outcome {
    /// The objects with everything laid over them.
    record Laid(Map<ObjectKey, Map<String, Object>> objects) implements Outcome {}

    /// What is wrong, in a sentence for the Gateway's condition.
    record Refused(String problem) implements Outcome {}
  }

  private static final class Wrong extends Exception {
    Wrong(String message) {
      super(message);
    }
  }

  /// Lays everything over the objects that a Gateway has without.
  Outcome over(GatewayObject gateway, WaypointObjects base, Reader reader) {
    try {
      List<ConfigMapObject> layers = layers(gateway, reader);
      Map<ObjectKey, Map<String, Object>> laid = new LinkedHashMap<>(base.all());
      for (ConfigMapObject layer : layers) {
        for (var text : new TreeMap<>(layer.data()).entrySet()) {
          lay(laid, base, "ConfigMap " + layer.key().path(), text.getKey(), text.getValue());
        }
      }
      return new Outcome.Laid(laid);
    } catch (Wrong wrong) {
      return new Outcome.Refused(String.valueOf(wrong.getMessage()));
    }
  }

  /// What is wrong with what a Gateway asks for; null for nothing.
  public @Nullable String problem(GatewayObject gateway, Reader reader) {
    return over(gateway, new WaypointObjects(gateway, settings, ""), reader)
            instanceof Outcome.Refused(String problem)
        ? problem
        : null;
  }

  /// What is wrong with the parameters that a class names; null for nothing.
  public @Nullable String problem(GatewayClassObject gatewayClass, Reader reader) {
    try {
      ofClass(gatewayClass, reader);
      return null;
    } catch (Wrong wrong) {
      return wrong.getMessage();
    }
  }

  private List<ConfigMapObject> layers(GatewayObject gateway, Reader reader) throws Wrong {
    List<ConfigMapObject> layers = new ArrayList<>();
    GatewayClassObject gatewayClass = reader.get(objects.gatewayClasses, gateway.className());
    if (gatewayClass != null) {
      layers.addAll(ofClass(gatewayClass, reader));
    }
    reader
        .find(objects.configMapsByClass, settings.rootNamespace() + "/" + gateway.className())
        .stream()
        .min(MeshObject.AGE)
        .ifPresent(layers::add);
    GatewayObject.Infrastructure infrastructure = gateway.infrastructure();
    if (infrastructure != null && infrastructure.parametersRef() != null) {
      layers.add(named(infrastructure.parametersRef(), gateway.meta().namespace(), reader));
    }
    return layers;
  }

  private List<ConfigMapObject> ofClass(GatewayClassObject gatewayClass, Reader reader)
      throws Wrong {
    ParametersRef reference = gatewayClass.parametersRef();
    if (reference == null) {
      return List.of();
    }
    if (reference.isConfigMap() && reference.namespace().isEmpty()) {
      throw new Wrong(
          "GatewayClass "
              + gatewayClass.meta().name()
              + " spec.parametersRef.namespace: found nothing, accepted: the namespace of the"
              + " ConfigMap");
    }
    return List.of(named(reference, reference.namespace(), reader));
  }

  private ConfigMapObject named(ParametersRef reference, String namespace, Reader reader)
      throws Wrong {
    if (!reference.isConfigMap()) {
      throw new Wrong(
          "Unsupported parametersRef group/kind "
              + reference.group()
              + "/"
              + reference.kind()
              + ", only ConfigMap is supported");
    }
    String path = namespace + "/" + reference.name();
    ConfigMapObject found = reader.get(objects.configMaps, path);
    if (found == null) {
      throw new Wrong("parametersRef ConfigMap " + path + " does not exist");
    }
    return found;
  }

  private static void lay(
      Map<ObjectKey, Map<String, Object>> laid,
      WaypointObjects base,
      String origin,
      String name,
      String text)
      throws Wrong {
    String where = origin + " data." + name + ": ";
    Kind kind = ConfigMapObject.OVERLAYS.get(name);
    if (kind == null) {
      throw new Wrong(
          where
              + "found an unknown key, accepted: one of "
              + String.join(", ", new TreeMap<>(ConfigMapObject.OVERLAYS).keySet()));
    }
    Map<?, ?> patch = document(where, text);
    ObjectKey key = base.key(kind);
    Map<String, Object> before = laid.containsKey(key) ? laid.get(key) : base.onDemand(kind);
    try {
      Map<String, Object> after = StrategicMerge.merge(kind, before, patch);
      laid.put(key, checked(where, before, after));
    } catch (StrategicMerge.Malformed e) {
      throw new Wrong(where + e.getMessage());
    }
  }

  private static Map<?, ?> document(String where, String text) throws Wrong {
    try {
      List<Object> documents = Yaml.documents(text, "overlay");
      if (documents.isEmpty()) {
        return Map.of();
      }
      if (documents.size() == 1 && documents.getFirst() instanceof Map<?, ?> map) {
        return map;
      }
      throw new Wrong(
          where
              + "found "
              + (documents.size() > 1 ? documents.size() + " documents" : "no mapping")
              + ", accepted: one mapping, a strategic merge patch");
    } catch (Yaml.Malformed e) {
      throw new Wrong(where + "found no YAML (" + e.getMessage() + "), accepted: one mapping");
    }
  }

  /// The names under which objects are found again are not the users' to change, and the labels
  /// that mark an object as ours stay on it.
  private static Map<String, Object> checked(
      String where, Map<String, Object> before, Map<String, Object> after) throws Wrong {
    for (String field : List.of("apiVersion", "kind")) {
      same(where + "illegal change: " + field, before.get(field), after.get(field));
    }
    Map<?, ?> old = mapping(before, "metadata");
    Map<?, ?> now = mapping(after, "metadata");
    for (String field : FIXED) {
      same(where + "illegal metadata change: metadata." + field, old.get(field), now.get(field));
    }
    Map<String, Object> labels = new TreeMap<>();
    mapping(now, "labels").forEach((name, value) -> labels.put(String.valueOf(name), value));
    for (String mark :
        List.of(WellKnown.MANAGED, WellKnown.GATEWAY_NAME, WellKnown.GATEWAY_CLASS_NAME)) {
      labels.put(mark, String.valueOf(mapping(old, "labels").get(mark)));
    }
    Map<String, Object> meta = new LinkedHashMap<>();
    now.forEach((name, value) -> meta.put(String.valueOf(name), value));
    meta.put("labels", labels);
    Map<String, Object> marked = new LinkedHashMap<>(after);
    marked.put("metadata", meta);
    return marked;
  }

  private static void same(String what, @Nullable Object old, @Nullable Object now) throws Wrong {
    if (!Objects.equals(old, now)) {
      throw new Wrong(what + ": found " + now + ", accepted: " + old);
    }
  }

  private static Map<?, ?> mapping(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }
}
