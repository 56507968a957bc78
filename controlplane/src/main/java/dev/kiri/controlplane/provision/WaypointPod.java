package dev.kiri.controlplane.provision;

import static dev.kiri.controlplane.provision.Trees.emptyDir;
import static dev.kiri.controlplane.provision.Trees.fieldRef;
import static dev.kiri.controlplane.provision.Trees.item;
import static dev.kiri.controlplane.provision.Trees.list;
import static dev.kiri.controlplane.provision.Trees.map;
import static dev.kiri.controlplane.provision.Trees.mount;
import static dev.kiri.controlplane.provision.Trees.value;

import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.GatewayObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The pod of a waypoint's Deployment (controlplane.md 9.5), which keeps to the restricted pod
/// security standard. Pure.
///
/// @param network the cluster's network, empty for the default one
/// @param name of the Deployment
record WaypointPod(GatewayObject gateway, MeshSettings settings, String network, String name) {
  static final int STATUS_PORT = 15021;

  private static final String PROBE_PATH = "/healthz/ready";

  /// The pod's `spec`.
  Map<String, Object> spec() {
    return map(
        "serviceAccountName", WaypointObjects.account(gateway),
        "containers", list(container()),
        "volumes",
            list(
                emptyDir("workload-socket"),
                emptyDir("istio-data"),
                map(
                    "name",
                    "istio-podinfo",
                    "downwardAPI",
                    map(
                        "items",
                        list(
                            item("labels", "metadata.labels"),
                            item("annotations", "metadata.annotations")))),
                map(
                    "name",
                    "istio-token",
                    "projected",
                    map(
                        "sources",
                        list(
                            map(
                                "serviceAccountToken",
                                map(
                                    "audience", "istio-ca",
                                    "expirationSeconds", 43200,
                                    "path", "istio-token"))))),
                map("name", "istiod-ca-cert", "configMap", map("name", "istio-ca-root-cert"))));
  }

  private Map<String, Object> container() {
    Map<String, Object> probe = map("path", PROBE_PATH, "port", STATUS_PORT);
    return map(
        "name", "istio-proxy",
        "image", settings.waypointImage(),
        "ports",
            list(
                map("containerPort", 15020, "name", "metrics", "protocol", "TCP"),
                map("containerPort", STATUS_PORT, "name", "status-port", "protocol", "TCP")),
        "args",
            list(
                "proxy",
                "waypoint",
                "--domain",
                "$(POD_NAMESPACE).svc." + settings.clusterDomain(),
                "--serviceCluster",
                WaypointObjects.account(gateway) + ".$(POD_NAMESPACE)"),
        "env", environment(),
        "resources",
            map(
                "requests", map("cpu", "100m", "memory", "128Mi"),
                "limits", map("cpu", "2", "memory", "1Gi")),
        "startupProbe",
            map(
                "httpGet", probe,
                "failureThreshold", 30,
                "initialDelaySeconds", 1,
                "periodSeconds", 1,
                "successThreshold", 1,
                "timeoutSeconds", 1),
        "readinessProbe",
            map(
                "httpGet", probe,
                "failureThreshold", 4,
                "initialDelaySeconds", 0,
                "periodSeconds", 15,
                "successThreshold", 1,
                "timeoutSeconds", 1),
        "securityContext",
            map(
                "privileged",
                false,
                "runAsUser",
                1337,
                "runAsGroup",
                1337,
                "allowPrivilegeEscalation",
                false,
                "readOnlyRootFilesystem",
                true,
                "runAsNonRoot",
                true,
                "seccompProfile",
                map("type", "RuntimeDefault"),
                "capabilities",
                map("drop", list("ALL"))),
        "volumeMounts",
            list(
                mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
                mount("istiod-ca-cert", "/var/run/secrets/istio"),
                mount("istio-data", "/var/lib/istio/data"),
                mount("istio-token", "/var/run/secrets/tokens"),
                mount("istio-podinfo", "/etc/istio/pod")));
  }

  private List<Object> environment() {
    String controlPlane = "istiod." + settings.rootNamespace() + ".svc:15012";
    List<Object> env = new ArrayList<>();
    env.add(fieldRef("ISTIO_META_SERVICE_ACCOUNT", "spec.serviceAccountName"));
    env.add(fieldRef("SERVICE_ACCOUNT", "spec.serviceAccountName"));
    env.add(fieldRef("ISTIO_META_NODE_NAME", "spec.nodeName"));
    env.add(fieldRef("NODE_NAME", "spec.nodeName"));
    env.add(fieldRef("POD_NAME", "metadata.name"));
    env.add(fieldRef("POD_NAMESPACE", "metadata.namespace"));
    env.add(fieldRef("INSTANCE_IP", "status.podIP"));
    env.add(fieldRef("HOST_IP", "status.hostIP"));
    env.add(value("GATEWAY", gateway.meta().name()));
    env.add(value("PILOT_CERT_PROVIDER", "istiod"));
    env.add(value("CA_ADDR", controlPlane));
    env.add(value("CA_ADDRESS", controlPlane));
    env.add(value("XDS_ADDRESS", controlPlane));
    env.add(value("ISTIO_META_CLUSTER_ID", settings.clusterId()));
    env.add(value("CLUSTER_ID", settings.clusterId()));
    if (!network.isEmpty()) {
      env.add(value("ISTIO_META_NETWORK", network));
      env.add(value("NETWORK", network));
    }
    env.add(value("ISTIO_META_WORKLOAD_NAME", name));
    env.add(
        value(
            "ISTIO_META_OWNER",
            "kubernetes://apis/apps/v1/namespaces/"
                + gateway.meta().namespace()
                + "/deployments/"
                + name));
    env.add(value("TRUST_DOMAIN", settings.trustDomain()));
    return env;
  }
}
