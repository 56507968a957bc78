package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads documents. Stateless.
public final class Decoder {
  /// Kinds that cannot be honoured and share the name of one that is read.
  private static final Map<String, String> REFUSED =
      Map.of("networking.istio.io/Gateway", "gateway.networking.k8s.io/v1 Gateway");

  /// Groups of objects that belong to others; their documents say nothing to a mesh.
  private static final Set<String> OTHERS =
      Set.of(
          "",
          "apps",
          "batch",
          "autoscaling",
          "policy",
          "rbac.authorization.k8s.io",
          "coordination.k8s.io",
          "events.k8s.io",
          "storage.k8s.io",
          "scheduling.k8s.io",
          "apiextensions.k8s.io",
          "admissionregistration.k8s.io",
          "node.k8s.io");

  private static final Set<String> CORE =
      Set.of(
          "Secret",
          "Event",
          "Endpoints",
          "PersistentVolume",
          "PersistentVolumeClaim",
          "ReplicationController",
          "LimitRange",
          "ResourceQuota",
          "PodTemplate");

  private Decoder() {}

  /// Reads one document tree (maps, lists, strings, numbers, booleans).
  public static Decoded decode(Object tree, Origin origin) {
    Problems problems = new Problems(origin);
    if (!(tree instanceof Map<?, ?> map)) {
      problems.error("document", Fields.show(tree), "a mapping with apiVersion, kind and metadata");
      return new Decoded.Refused(null, problems.all());
    }
    Fields top = new Fields(map, "", problems);
    String apiVersion = top.required("apiVersion");
    String kindName = top.required("kind");
    Object name = top.child("metadata").raw("name");
    problems.subject(kindName + (name == null ? "" : " " + name));
    if (problems.anyError()) {
      return new Decoded.Refused(null, problems.all());
    }
    Optional<Kind> kind = Kind.of(apiVersion, kindName);
    if (kind.isEmpty()) {
      return aside(apiVersion, kindName, problems);
    }
    Meta meta = Meta.read(top.child("metadata"), kind.get());
    ObjectKey key = new ObjectKey(kind.get(), meta.namespace(), meta.name());
    boolean named = !problems.anyError();
    problems.subject(key.toString());
    top.ignore("spec", "status");
    MeshObject object = object(kind.get(), meta, top);
    top.done();
    if (problems.anyError() && !(named && kind.get() == Kind.AUTHORIZATION_POLICY)) {
      return new Decoded.Refused(named ? object : null, problems.all());
    }
    return new Decoded.Accepted(object, problems.all());
  }

  /// The key of a document, if it is of a kind that is read here; nothing else is checked.
  public static @Nullable ObjectKey keyOf(Object tree) {
    if (tree instanceof Map<?, ?> map
        && map.get("apiVersion") instanceof String version
        && map.get("kind") instanceof String kindName
        && map.get("metadata") instanceof Map<?, ?> meta
        && meta.get("name") instanceof String name) {
      Kind kind = Kind.of(version, kindName).orElse(null);
      if (kind == null) {
        return null;
      }
      Object namespace = meta.get("namespace");
      String in = namespace instanceof String s && !s.isEmpty() ? s : "default";
      return new ObjectKey(kind, kind.namespaced() ? in : "", name);
    }
    return null;
  }

  private static MeshObject object(Kind kind, Meta meta, Fields top) {
    return switch (kind) {
      case NAMESPACE -> NamespaceObject.of(meta);
      case SERVICE_ACCOUNT -> {
        top.ignore("secrets", "imagePullSecrets", "automountServiceAccountToken");
        yield new ServiceAccountObject(meta);
      }
      case NODE -> new NodeObject(meta);
      case POD -> PodObject.read(meta, top);
      case SERVICE -> ServiceObject.read(meta, top);
      case CONFIG_MAP -> ConfigMapObject.read(meta, top);
      case DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET ->
          new MadeObject(meta, kind);
      case ENDPOINT_SLICE -> EndpointSliceObject.read(meta, top);
      case GATEWAY_CLASS -> GatewayClassObject.read(meta, top);
      case GATEWAY -> GatewayObject.read(meta, top);
      case HTTP_ROUTE -> HttpRouteReader.read(meta, top);
      case GRPC_ROUTE -> GrpcRouteReader.read(meta, top);
      case TLS_ROUTE -> ConnectionRouteReader.tls(meta, top);
      case TCP_ROUTE -> ConnectionRouteReader.tcp(meta, top);
      case UDP_ROUTE -> ConnectionRouteReader.udp(meta, top);
      case REFERENCE_GRANT -> ReferenceGrantObject.read(meta, top);
      case BACKEND_TLS_POLICY -> BackendTlsPolicyReader.read(meta, top);
      case AUTHORIZATION_POLICY -> AuthorizationPolicyReader.read(meta, top);
      case PEER_AUTHENTICATION -> PeerAuthenticationObject.read(meta, top);
      case SERVICE_ENTRY -> ServiceEntryReader.read(meta, top);
      case WORKLOAD_ENTRY -> WorkloadEntryObject.read(meta, top);
      case VIRTUAL_SERVICE -> VirtualServiceReader.read(meta, top);
      case DESTINATION_RULE -> DestinationRuleReader.read(meta, top);
      case REQUEST_AUTHENTICATION -> RequestAuthenticationReader.read(meta, top);
      case WORKLOAD_GROUP, SIDECAR, ENVOY_FILTER, PROXY_CONFIG, WASM_PLUGIN, TELEMETRY ->
          UnhonouredObject.read(kind, meta, top);
    };
  }

  private static Decoded aside(String apiVersion, String kindName, Problems problems) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    String type = group + "/" + kindName;
    String instead = REFUSED.get(type);
    if (instead != null) {
      problems.error("kind", type + ", which cannot be honoured", instead);
      return new Decoded.Refused(null, problems.all());
    }
    if (group.isEmpty() ? !CORE.contains(kindName) : !OTHERS.contains(group)) {
      problems.warning(
          "kind",
          apiVersion + " " + kindName + ", which is not known and has no effect",
          "one of "
              + String.join(", ", List.of(Kind.values()).stream().map(Kind::kindName).toList()));
    }
    return new Decoded.LeftAside(problems.all());
  }
}
