package dev.kiri.controlplane.kinds;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A Pod: node, identity, addresses, named TCP ports and whether it is ready.
///
/// @param tcpPorts named TCP ports of containers and of init containers that keep running
/// @param addresses empty before the pod has one, and where one of them cannot be parsed
/// @param phase as in `status.phase`; empty where absent
public record PodObject(
    Meta meta,
    String nodeName,
    String serviceAccount,
    boolean hostNetwork,
    Map<String, Integer> tcpPorts,
    List<InetAddress> addresses,
    String phase,
    boolean ready)
    implements MeshObject {
  private static final String[] SPEC = {
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostPID",
    "hostUsers",
    "hostname",
    "imagePullSecrets",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "securityContext",
    "serviceAccount",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
    "hostnameOverride"
  };
  private static final String[] CONTAINER = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
    "name"
  };

  @Override
  public Kind kind() {
    return Kind.POD;
  }

  /// Whether the pod has ended for good and owns no address any more.
  public boolean finished() {
    return phase.equals("Failed") || phase.equals("Succeeded");
  }

  static PodObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    Map<String, Integer> ports = new java.util.LinkedHashMap<>();
    spec.list("containers", c -> readPorts(c, false, ports));
    spec.list("initContainers", c -> readPorts(c, true, ports));
    String account = spec.stringOr("serviceAccountName", "");
    if (account.isEmpty() && spec.raw("serviceAccount") instanceof String old) {
      account = old;
    }
    String node = spec.stringOr("nodeName", "");
    boolean hostNetwork = spec.bool("hostNetwork", false);
    spec.ignore(SPEC);
    spec.done();
    Fields status = top.child("status");
    boolean[] ready = {false};
    status.list(
        "conditions",
        c -> {
          ready[0] |= "Ready".equals(c.raw("type")) && "True".equals(c.raw("status"));
          return "";
        });
    return new PodObject(
        meta,
        node,
        account.isEmpty() ? "default" : account,
        hostNetwork,
        Map.copyOf(ports),
        addresses(status),
        status.stringOr("phase", ""),
        ready[0]);
  }

  private static String readPorts(Fields container, boolean init, Map<String, Integer> into) {
    boolean counts = !init || "Always".equals(container.raw("restartPolicy"));
    container.ignore("restartPolicy");
    container.list(
        "ports",
        port -> {
          String name = port.stringOr("name", "");
          int number = (int) port.number("containerPort", 0, 1, 65535);
          String protocol = port.choice("protocol", "TCP", List.of("TCP", "UDP", "SCTP"));
          port.ignore("hostPort", "hostIP");
          port.done();
          if (counts && protocol.equals("TCP") && !name.isEmpty()) {
            into.putIfAbsent(name, number);
          }
          return name;
        });
    container.ignore(CONTAINER);
    container.done();
    return "";
  }

  private static List<InetAddress> addresses(Fields status) {
    Set<String> texts = new LinkedHashSet<>();
    status.list(
        "podIPs",
        ip -> {
          texts.add(ip.stringOr("ip", ""));
          return "";
        });
    String single = status.stringOr("podIP", "");
    if (texts.isEmpty()) {
      texts.add(single);
    }
    texts.remove("");
    List<InetAddress> out = new ArrayList<>();
    for (String text : texts) {
      var address = IpBlock.parse(text);
      if (address.isEmpty() || !address.get().isSingle()) {
        status.warning("podIPs", Fields.show(text), "an IP address");
        return List.of();
      }
      out.add(address.get().address());
    }
    return List.copyOf(out);
  }
}
