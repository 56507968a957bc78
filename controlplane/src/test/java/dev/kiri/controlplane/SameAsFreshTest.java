package dev.kiri.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshResources;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.provision.Provisioning;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.status.Statuses;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import dev.kiri.controlplane.xds.EncodedResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens, in whatever order: the tables are those of a fresh start from the last state.
class SameAsFreshTest {
  private static final int STEPS = 400;

  private record Plane(MeshIndex index, MeshResources resources) {
    static Plane fresh() {
      MeshIndex index = new MeshIndex(MeshSettings.standard());
      MeshResources resources = new MeshResources(index);
      WaypointConfig config = new WaypointConfig(index);
      new Provisioning(index, "root");
      new Statuses(index, config);
      return new Plane(index, resources);
    }

    /// The change with the addresses that the status writer has written into the object by then.
    ObjectChange withStatus(ObjectChange change) {
      if (!(change instanceof ObjectChange.Put(ServiceEntryObject entry, var problems))) {
        return change;
      }
      return new ObjectChange.Put(
          new ServiceEntryObject(
              entry.meta(),
              entry.hosts(),
              entry.addresses(),
              entry.ports(),
              entry.resolution(),
              entry.endpoints(),
              entry.selector(),
              entry.subjectAltNames(),
              index.givenAddresses().rows().getOrDefault(entry.key().path(), List.of())),
          problems);
    }

    Map<String, Map<?, ?>> rows() {
      Map<String, Map<?, ?>> all = new TreeMap<>();
      for (Table<?, ?> table : index.graph().tables()) {
        all.put(table.name(), new TreeMap<>(table.rows()));
      }
      return all;
    }

    Map<String, EncodedResource> served() {
      Map<String, EncodedResource> all = new TreeMap<>();
      resources.addresses().all().forEach(resource -> all.put(resource.name(), resource));
      resources.authorizations().all().forEach(resource -> all.put(resource.name(), resource));
      return all;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_sequence_of_events_ends_in_the_index_of_a_fresh_start(long seed) {
    Random random = new Random(seed);
    Plane live = Plane.fresh();
    Map<String, ObjectChange> last = new TreeMap<>();
    for (int step = 0; step < STEPS; step++) {
      List<ObjectChange> batch = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        Object tree = Objects.parse(document(random)).getFirst();
        ObjectChange put = Objects.put(tree);
        String key = put.key().toString();
        if (random.nextInt(4) == 0) {
          batch.add(new ObjectChange.Gone(put.key()));
          last.remove(key);
        } else {
          batch.add(put);
          last.put(key, put);
        }
      }
      live.index().apply(batch);
      if (step % 40 == 39) {
        last.replaceAll((_, change) -> live.withStatus(change));
        live.index().apply(List.copyOf(last.values()));
        Plane fresh = Plane.fresh();
        fresh.index().apply(List.copyOf(last.values()));
        assertThat(live.rows()).isEqualTo(fresh.rows());
        assertThat(live.served()).isEqualTo(fresh.served());
      }
    }
  }

  private static <T> T one(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static String document(Random random) {
    List<String> namespaces = List.of("a", "b", "istio-system");
    String namespace = one(random, namespaces);
    String name = one(random, List.of("x", "y", "z"));
    String app = one(random, List.of("app: x", "app: y", "app: x, tier: t", ""));
    String use =
        one(
            random,
            List.of(
                "",
                "istio.io/use-waypoint: x",
                "istio.io/use-waypoint: none",
                "istio.io/use-waypoint: y, istio.io/use-waypoint-namespace: b"));
    return switch (random.nextInt(16)) {
      case 0 -> Manifests.namespace(namespace, use);
      case 1 -> Manifests.node(name);
      case 2 ->
          Manifests.pod(
              namespace, name, "default", name, "10.0.0." + random.nextInt(4), join(app, use));
      case 3 ->
          """
          apiVersion: v1
          kind: Service
          metadata: {name: %s, namespace: %s, labels: {%s}}
          spec: {clusterIP: 10.96.0.%d, selector: {%s}, ports: [{name: http, port: %d}]}
          """
              .formatted(
                  name, namespace, use, random.nextInt(4), app, one(random, List.of(80, 81)));
      case 4 ->
          """
          apiVersion: gateway.networking.k8s.io/v1
          kind: Gateway
          metadata: {name: %s, namespace: %s, labels: {istio.io/waypoint-for: %s}}
          spec:
            gatewayClassName: %s
            listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: %s}}}]
          status: %s
          """
              .formatted(
                  name,
                  namespace,
                  one(random, List.of("service", "all", "workload")),
                  one(random, List.of("kiri-waypoint", "other")),
                  one(random, List.of("All", "Same")),
                  one(random, List.of("{}", "{addresses: [{type: Hostname, value: w.example}]}")));
      case 5 ->
          Manifests.route(
              namespace,
              name,
              one(random, List.of("x", "y")),
              "[{backendRefs: [{name: %s, port: 80}, {name: %s, namespace: %s, port: 81}]}]"
                  .formatted(name, one(random, List.of("x", "y")), one(random, namespaces)));
      case 6 ->
          Manifests.policy(
              namespace, name, "{selector: {matchLabels: {%s}}, rules: [{}]}".formatted(app));
      case 7 ->
          Manifests.policy(
              namespace,
              name,
              one(
                  random,
                  List.of(
                      "{targetRefs: [{kind: Service, group: core, name: x}], rules: [{}]}",
                      "{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: x}]}",
                      "{targetRefs: [{kind: GatewayClass, group: gateway.networking.k8s.io, name:"
                          + " kiri-waypoint}]}")));
      case 8 ->
          Manifests.peer(
              namespace,
              name,
              one(
                  random,
                  List.of(
                      "{mtls: {mode: STRICT}}",
                      "{mtls: {mode: PERMISSIVE}}",
                      "{selector: {matchLabels: {app: x}}, mtls: {mode: STRICT}, portLevelMtls:"
                          + " {80: {mode: DISABLE}}}",
                      "{selector: {matchLabels: {app: y}}, portLevelMtls: {80: {mode: STRICT}}}")));
      case 9 ->
          """
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: {name: %s, namespace: %s, labels: {kubernetes.io/service-name: x}}
          addressType: IPv4
          ports: [{name: http, port: 8080}]
          endpoints: [{addresses: [192.0.2.%d]}, {addresses: [192.0.2.9], targetRef: {kind: Pod, name: %s, uid: uid-%s}}]
          """
              .formatted(name, namespace, random.nextInt(3), name, name);
      case 10 ->
          "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name:"
              + " kiri-waypoint, labels: {istio.io/waypoint-for: all}}, spec: {controllerName:"
              + " kiri.dev/mesh-controller}}";
      case 11 ->
          """
          apiVersion: networking.istio.io/v1
          kind: ServiceEntry
          metadata: {name: %s, namespace: %s, labels: {%s}, creationTimestamp: '2026-01-0%dT00:00:00Z'}
          spec:
            hosts: [%s]
            resolution: %s
            ports: [{number: 80, name: http, protocol: HTTP}]
          """
              .formatted(
                  name,
                  namespace,
                  use,
                  1 + random.nextInt(2),
                  one(
                      random,
                      List.of("a.example, b.example", "a.example", "x.a.svc.cluster.local")),
                  one(
                      random,
                      List.of(
                          "DNS",
                          "DNS\n  addresses: [10.0.0.2, 10.96.0.1, 192.0.2.1]",
                          "NONE\n  addresses: [10.0.0.0/30, 192.0.2.0/31]",
                          "NONE",
                          "STATIC\n  workloadSelector: {labels: {app: x}}",
                          "STATIC\n  endpoints: [{address: 192.0.2.1}, {address: 10.0.0.2}]")));
      case 12 ->
          """
          apiVersion: networking.istio.io/v1
          kind: WorkloadEntry
          metadata: {name: %s, namespace: %s, labels: {%s}}
          spec: {address: %s.%d, labels: {%s}}
          """
              .formatted(
                  name,
                  namespace,
                  use,
                  one(random, List.of("192.0.2", "10.0.0", "10.96.0")),
                  random.nextInt(4),
                  app);
      case 13 ->
          "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: %s, namespace: %s}, spec: {targetRefs: [{kind: %s, name: x}], jwtRules: [{issuer: '%s'}]}}"
              .formatted(
                  name,
                  namespace,
                  one(random, List.of("Service", "Gateway, group: gateway.networking.k8s.io")),
                  one(random, List.of("http://a", "http://b")));
      case 14 ->
          "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: '%s'}}"
              .formatted(
                  one(
                      random,
                      List.of(
                          "{}",
                          "discoverySelectors: [{matchLabels: {kubernetes.io/metadata.name: a}}]",
                          "serviceEntryVisibility: {defaultVisibility: NAMESPACE}")));
      default -> Manifests.account(namespace, name);
    };
  }

  private static String join(String a, String b) {
    return a.isEmpty() || b.isEmpty() ? a + b : a + ", " + b;
  }
}
