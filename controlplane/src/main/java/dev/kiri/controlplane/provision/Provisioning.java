package dev.kiri.controlplane.provision;

import dev.kiri.controlplane.graph.Input;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which objects the control plane has to write, as tables over the index: the objects of each
/// Gateway of ours, the root certificate for each namespace, and what is left over from a Gateway
/// that has gone. Confined to the index's thread.
public final class Provisioning {
  /// Name of the ConfigMap with the root certificate.
  public static final String ROOT_CERTIFICATE = "istio-ca-root-cert";

  private static final Set<String> NO_ROOT =
      Set.of("kube-public", "kube-node-lease", "local-path-storage");

  private static final int CONTROLLER_VERSION = 5;

  private final MeshIndex index;
  private final ObjectTables objects;
  private final GatewayOverlays overlays;
  private final Table<String, Wanted> waypoints;
  private final Table<String, Wanted> roots;
  private final List<Table<String, ObjectKey>> leftOver;
  private final Input<String, String> rootCertificate;

  /// Objects to be brought to the given fields. Those that exist, and are somebody else's, are not
  /// among them. `present` is what counts of those that exist, so that what is written is written
  /// again after it was deleted or changed, also where nothing was seen of it in between.
  public record Wanted(
      Map<ObjectKey, Map<String, Object>> objects, Map<ObjectKey, Map<String, String>> present) {}

  /// Adds the tables; to be called before the first change.
  ///
  /// @param rootPem the root certificate as PEM
  public Provisioning(MeshIndex index, String rootPem) {
    this.index = index;
    this.objects = index.objects();
    this.overlays = new GatewayOverlays(objects, index.settings());
    var graph = index.graph();
    this.rootCertificate = graph.input("root.certificate");
    distribute(rootPem);
    this.waypoints = graph.derive("gateways.wanted", objects.gateways, this::waypoint);
    this.roots =
        graph.derive(
            "namespaces.wanted",
            objects.namespaces,
            (_, namespace, reader) -> root(namespace, reader));
    this.leftOver =
        List.of(
            graph.derive("serviceaccounts.leftover", objects.serviceAccounts, this::leftOver),
            graph.derive("services.leftover", objects.services, this::leftOver),
            graph.derive("deployments.leftover", objects.made(Kind.DEPLOYMENT), this::leftOver),
            graph.derive(
                "autoscalers.leftover",
                objects.made(Kind.HORIZONTAL_POD_AUTOSCALER),
                this::leftOver),
            graph.derive(
                "budgets.leftover", objects.made(Kind.POD_DISRUPTION_BUDGET), this::leftOver));
  }

  /// Has another root certificate distributed, with the next changes that are taken in.
  public void distribute(String rootPem) {
    rootCertificate.put(ROOT_CERTIFICATE, rootPem);
  }

  /// What is wanted, by Gateway and by namespace.
  public List<Table<String, Wanted>> wanted() {
    return List.of(waypoints, roots);
  }

  /// Objects to delete.
  public List<Table<String, ObjectKey>> leftOver() {
    return leftOver;
  }

  private @Nullable Wanted waypoint(String path, GatewayObject gateway, Reader reader) {
    if (!isManaged(gateway)) {
      return null;
    }
    Map<ObjectKey, Map<String, Object>> all = objectsOf(gateway, reader);
    if (all == null) {
      return null;
    }
    Map<ObjectKey, Map<String, Object>> ours = new LinkedHashMap<>();
    Map<ObjectKey, Map<String, String>> present = new java.util.TreeMap<>();
    all.forEach(
        (key, tree) -> {
          Meta existing = existing(key, reader);
          if (existing != null) {
            present.put(key, Map.of());
          }
          if (existing == null || existing.labels().containsKey(WellKnown.MANAGED)) {
            ours.put(key, tree);
          }
        });
    return new Wanted(ours, present);
  }

  /// What a Gateway is to have; null where that is not known: then what it has stays as it is.
  private @Nullable Map<ObjectKey, Map<String, Object>> objectsOf(
      GatewayObject gateway, Reader reader) {
    NamespaceObject system = reader.get(objects.namespaces, index.settings().rootNamespace());
    String network =
        system == null ? "" : system.meta().labels().getOrDefault(WellKnown.NETWORK, "");
    return overlays.over(gateway, new WaypointObjects(gateway, index.settings(), network), reader)
            instanceof GatewayOverlays.Outcome.Laid(var laid)
        ? laid
        : null;
  }

  /// Whether a Gateway's objects are ours to make (controlplane.md 9.2).
  static boolean isManaged(GatewayObject gateway) {
    if (!WaypointClasses.isOurs(gateway.className())) {
      return false;
    }
    List<GatewayObject.Address> addresses = gateway.specAddresses();
    boolean automatic =
        addresses.isEmpty()
            || (addresses.size() == 1
                && (addresses.getFirst().type().isEmpty()
                    || addresses.getFirst().type().equals("IPAddress")));
    String version = gateway.meta().annotation(WellKnown.CONTROLLER_VERSION);
    if (version == null) {
      return automatic;
    }
    try {
      return automatic && Integer.parseInt(version) <= CONTROLLER_VERSION;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private @Nullable Meta existing(ObjectKey key, Reader reader) {
    MeshObject found =
        switch (key.kind()) {
          case SERVICE_ACCOUNT -> reader.get(objects.serviceAccounts, key.path());
          case SERVICE -> reader.get(objects.services, key.path());
          case DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET ->
              reader.get(objects.made(key.kind()), key.path());
          default -> throw new IllegalStateException("not provisioned: " + key);
        };
    return found == null ? null : found.meta();
  }

  private @Nullable Wanted root(NamespaceObject namespace, Reader reader) {
    String name = namespace.meta().name();
    String pem = Objects.requireNonNull(reader.get(rootCertificate, ROOT_CERTIFICATE));
    if (NO_ROOT.contains(name) || namespace.meta().deleting()) {
      return null;
    }
    ObjectKey key = new ObjectKey(Kind.CONFIG_MAP, name, ROOT_CERTIFICATE);
    var existing = reader.get(objects.configMaps, key.path());
    Map<String, Object> tree =
        Trees.map(
            "apiVersion", key.kind().apiVersion(),
            "kind", key.kind().kindName(),
            "metadata",
                Trees.map(
                    "labels",
                    Trees.map("istio.io/config", "true"),
                    "name",
                    ROOT_CERTIFICATE,
                    "namespace",
                    name),
            "data", Trees.map("root-cert.pem", pem));
    return new Wanted(
        Map.of(key, tree), existing == null ? Map.of() : Map.of(key, existing.data()));
  }

  /// An object that was made for a Gateway of ours which is no more.
  private @Nullable ObjectKey leftOver(String path, MeshObject object, Reader reader) {
    Meta meta = object.meta();
    String gatewayName = meta.label(WellKnown.GATEWAY_NAME);
    if (gatewayName == null
        || !WellKnown.MANAGED_MESH.equals(meta.label(WellKnown.MANAGED))
        || !WaypointClasses.isOurs(
            Objects.requireNonNullElse(meta.label(WellKnown.GATEWAY_CLASS_NAME), ""))) {
      return null;
    }
    GatewayObject gateway = reader.get(objects.gateways, meta.namespace() + "/" + gatewayName);
    if (gateway == null || !isManaged(gateway)) {
      return object.key();
    }
    Map<ObjectKey, Map<String, Object>> wanted = objectsOf(gateway, reader);
    return wanted == null || wanted.containsKey(object.key()) ? null : object.key();
  }
}
