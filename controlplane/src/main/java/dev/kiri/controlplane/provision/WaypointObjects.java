package dev.kiri.controlplane.provision;

import static dev.kiri.controlplane.provision.Trees.list;
import static dev.kiri.controlplane.provision.Trees.map;

import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.ObjectKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The objects of a waypoint (controlplane.md 9.4, 9.5), for our own proxy. Pure.
public final class WaypointObjects {
  private static final String OWN_PREFIX = "gateway.networking.k8s.io/";
  private static final Set<String> NEVER_COPIED =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          WellKnown.NAME_OVERRIDE,
          WellKnown.SERVICE_ACCOUNT,
          WellKnown.CONTROLLER_VERSION);
  private final GatewayObject gateway;
  private final MeshSettings settings;
  private final String network;

  /// @param network the cluster's network, empty for the default one
  public WaypointObjects(GatewayObject gateway, MeshSettings settings, String network) {
    this.gateway = gateway;
    this.settings = settings;
    this.network = network;
  }

  /// Name of Deployment and Service.
  public static String name(GatewayObject gateway) {
    return gateway
        .meta()
        .annotations()
        .getOrDefault(WellKnown.NAME_OVERRIDE, gateway.meta().name());
  }

  /// Name of the ServiceAccount.
  public static String account(GatewayObject gateway) {
    return gateway
        .meta()
        .annotations()
        .getOrDefault(WellKnown.SERVICE_ACCOUNT, gateway.meta().name());
  }

  /// All objects by their keys, in the order in which they should be made.
  public Map<ObjectKey, Map<String, Object>> all() {
    Map<ObjectKey, Map<String, Object>> all = new LinkedHashMap<>();
    String name = name(gateway);
    all.put(key(Kind.SERVICE_ACCOUNT), object(Kind.SERVICE_ACCOUNT, account(gateway), Map.of()));
    all.put(key(Kind.SERVICE), service(name));
    all.put(key(Kind.DEPLOYMENT), deployment(name));
    return all;
  }

  /// The key of the object of a kind.
  ObjectKey key(Kind kind) {
    return new ObjectKey(
        kind,
        gateway.meta().namespace(),
        kind == Kind.SERVICE_ACCOUNT ? account(gateway) : name(gateway));
  }

  /// An object that is made only where an overlay asks for it.
  Map<String, Object> onDemand(Kind kind) {
    String name = name(gateway);
    Map<String, Object> object = object(kind, name, Map.of());
    object.put(
        "spec",
        switch (kind) {
          case HORIZONTAL_POD_AUTOSCALER ->
              map(
                  "maxReplicas",
                  1,
                  "scaleTargetRef",
                  map(
                      "apiVersion", Kind.DEPLOYMENT.apiVersion(),
                      "kind", Kind.DEPLOYMENT.kindName(),
                      "name", name));
          case POD_DISRUPTION_BUDGET -> map("selector", selector());
          default -> throw new IllegalStateException("always made: " + kind);
        });
    return object;
  }

  private Map<String, Object> selector() {
    return map("matchLabels", map(WellKnown.GATEWAY_NAME, gateway.meta().name()));
  }

  private Map<String, Object> object(Kind kind, String name, Map<String, String> annotations) {
    Map<String, Object> meta = new LinkedHashMap<>();
    if (!annotations.isEmpty()) {
      meta.put("annotations", annotations);
    }
    Map<String, String> labels = labels();
    labels.put(WellKnown.MANAGED, WellKnown.MANAGED_MESH);
    meta.put("labels", labels);
    meta.put("name", name);
    meta.put("namespace", gateway.meta().namespace());
    meta.put(
        "ownerReferences",
        list(
            map(
                "apiVersion", Kind.GATEWAY.apiVersion(),
                "kind", Kind.GATEWAY.kindName(),
                "name", gateway.meta().name(),
                "uid", gateway.meta().uid())));
    return map("apiVersion", kind.apiVersion(), "kind", kind.kindName(), "metadata", meta);
  }

  /// The labels every object gets: what is copied, and the two that mark an instance.
  private Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    GatewayObject.Infrastructure infrastructure = gateway.infrastructure();
    copy(infrastructure == null ? gateway.meta().labels() : infrastructure.labels(), labels);
    if (!network.isEmpty()) {
      labels.put(WellKnown.NETWORK, network);
    }
    labels.put(WellKnown.GATEWAY_NAME, gateway.meta().name());
    labels.put(WellKnown.GATEWAY_CLASS_NAME, gateway.className());
    return labels;
  }

  private Map<String, String> annotations() {
    Map<String, String> annotations = new TreeMap<>();
    GatewayObject.Infrastructure infrastructure = gateway.infrastructure();
    Meta meta = gateway.meta();
    copy(infrastructure == null ? meta.annotations() : infrastructure.annotations(), annotations);
    return annotations;
  }

  private static void copy(Map<String, String> from, Map<String, String> to) {
    from.forEach(
        (key, value) -> {
          if (!key.startsWith(OWN_PREFIX) && !NEVER_COPIED.contains(key)) {
            to.put(key, value);
          }
        });
  }

  private Map<String, Object> service(String name) {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(WellKnown.TRAFFIC_DISTRIBUTION, "PreferClose");
    annotations.putAll(annotations());
    Map<String, Object> service = object(Kind.SERVICE, name, annotations);
    List<Object> ports = new ArrayList<>();
    ports.add(
        map(
            "appProtocol",
            "tcp",
            "name",
            "status-port",
            "port",
            WaypointPod.STATUS_PORT,
            "protocol",
            "TCP"));
    Set<Integer> seen = new HashSet<>(Set.of(WaypointPod.STATUS_PORT));
    Set<String> names = new HashSet<>(Set.of("status-port"));
    for (GatewayObject.Listener listener : gateway.listeners()) {
      if (seen.add(listener.port())) {
        String portName = listener.name().replace('.', '-');
        portName = portName.substring(0, Math.min(63, portName.length()));
        if (!names.add(portName)) {
          portName = portName + "-" + listener.port();
        }
        ports.add(
            map(
                "appProtocol",
                listener.protocol().toLowerCase(Locale.ROOT),
                "name",
                portName,
                "port",
                listener.port(),
                "protocol",
                "TCP"));
      }
    }
    service.put(
        "spec",
        map(
            "ipFamilyPolicy",
            "PreferDualStack",
            "ports",
            ports,
            "selector",
            map(WellKnown.GATEWAY_NAME, gateway.meta().name()),
            "type",
            gateway
                .meta()
                .annotations()
                .getOrDefault("networking.istio.io/service-type", "ClusterIP")));
    return service;
  }

  private Map<String, Object> deployment(String name) {
    Map<String, Object> deployment = object(Kind.DEPLOYMENT, name, annotations());
    Map<String, String> podLabels = new TreeMap<>();
    podLabels.put("sidecar.istio.io/inject", "false");
    podLabels.put("istio.io/dataplane-mode", "none");
    podLabels.put(WellKnown.CANONICAL_NAME, name);
    podLabels.put(WellKnown.CANONICAL_REVISION, "latest");
    podLabels.putAll(labels());
    podLabels.put(WellKnown.MANAGED, WellKnown.MANAGED_MESH);
    Map<String, String> podAnnotations = annotations();
    podAnnotations.put(
        "istio.io/rev", gateway.meta().labels().getOrDefault("istio.io/rev", "default"));
    podAnnotations.put("prometheus.io/path", "/stats/prometheus");
    podAnnotations.put("prometheus.io/port", "15020");
    podAnnotations.put("prometheus.io/scrape", "true");
    deployment.put(
        "spec",
        map(
            "selector",
            selector(),
            "template",
            map(
                "metadata",
                map("annotations", podAnnotations, "labels", podLabels),
                "spec",
                new WaypointPod(gateway, settings, network, name).spec())));
    return deployment;
  }
}
