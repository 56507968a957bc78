package dev.kiri.local.mesh;

import dev.kiri.local.manifest.Manifests;
import dev.kiri.local.manifest.Schemas;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What of the objects that the control plane makes for Gateways has no effect here, such as an
/// autoscaler that somebody laid over a waypoint: shown as a condition of the object and of its
/// Gateway. Thread-safe.
final class MadeObjects {
  private static final String TYPE = "local.kiri.dev/Honoured";
  private static final String MANAGED = "gateway.istio.io/managed";
  private static final String GATEWAY = "gateway.networking.k8s.io/gateway-name";

  private final ObjectStore store;
  private final Manifests manifests = new Manifests(Schemas.load());

  MadeObjects(ObjectStore store) {
    this.store = store;
  }

  /// The object with its condition, if there is anything to say.
  KubeObject shown(KubeObject object) {
    if (object.kind().equals("Gateway")) {
      var of =
          store.all().stream()
              .filter(o -> o.namespace().equals(object.namespace()))
              .filter(o -> object.name().equals(o.labels().get(GATEWAY)));
      return with(object, of.flatMap(o -> findings(o).stream()).toList());
    }
    return with(object, findings(object));
  }

  private List<String> findings(KubeObject object) {
    if (object.kind().equals("Pod") || !object.labels().containsKey(MANAGED)) {
      return List.of();
    }
    return manifests.withoutEffect(object).stream()
        .map(
            p ->
                p.object()
                    + ": "
                    + p.field()
                    + ": found "
                    + p.found()
                    + "; accepted: "
                    + p.accepted())
        .toList();
  }

  private static KubeObject with(KubeObject object, List<String> findings) {
    if (findings.isEmpty()) {
      return object;
    }
    var conditions = new ArrayList<Object>(object.maps("status", "conditions"));
    var condition = new LinkedHashMap<String, Object>();
    condition.put("type", TYPE);
    condition.put("status", "False");
    condition.put("reason", "NotHonoured");
    condition.put("message", String.join("; ", findings));
    conditions.add(condition);
    return object.with(conditions, "status", "conditions");
  }
}
