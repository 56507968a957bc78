package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.BackendTlsPolicyObject;
import dev.kiri.controlplane.kinds.BackendTlsPolicyObject.Authority;
import dev.kiri.controlplane.kinds.BackendTlsPolicyObject.Target;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.hbone.identity.PemText;
import dev.kiri.waypoint.config.v1.BackendTls;
import dev.kiri.waypoint.config.v1.BackendTlsTarget;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.PemSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A BackendTLSPolicy's way to waypoints (gateway-api.md 11.1). All of ours get it, as a route of
/// any may lead to its targets, and none may send in clear text what it protects. One that has no
/// roots, or is not understood, refuses requests.
final class BackendTlsDerivation {
  private final ObjectTables objects;
  private final Frontends frontends;
  private final Index<String, String, GatewayObject> gatewaysByClass;
  private final Index<String, String, BackendTlsPolicyObject> byTarget;

  /// To be made before the first change.
  BackendTlsDerivation(
      MeshIndex index, Frontends frontends, Index<String, String, GatewayObject> gatewaysByClass) {
    this.objects = index.objects();
    this.frontends = frontends;
    this.gatewaysByClass = gatewaysByClass;
    this.byTarget =
        objects.backendTlsPolicies.index(
            policy ->
                policy.targets().stream()
                    .map(target -> BackendTlsPolicyObject.key(policy.meta().namespace(), target))
                    .distinct()
                    .toList());
  }

  /// The roots of a policy, or why there are none.
  ///
  /// @param pem empty: those of the system, or none
  private record Roots(String pem, Verdict accepted, Verdict resolved) {}

  BackendTlsResult derive(BackendTlsPolicyObject policy, Reader reader) {
    Roots roots = roots(policy, reader);
    List<BackendTlsResult.Ancestor> ancestors = new ArrayList<>();
    BackendTls.Builder out = traffic(policy, roots);
    for (Target target : policy.targets()) {
      String path = policy.meta().namespace() + "/" + target.name();
      Frontend frontend =
          target.isServiceEntry() ? frontends.entry(path, reader) : frontends.service(path, reader);
      Integer port =
          frontend == null
              ? null
              : frontend.port(null, target.section().isEmpty() ? null : target.section());
      if (frontend == null || port == null) {
        String missing =
            frontend == null
                ? "there is no " + target.kind() + " " + path
                : target.kind() + " " + path + " has no port named " + target.section();
        ancestors.add(
            new BackendTlsResult.Ancestor(
                target, new Verdict(false, "TargetNotFound", missing), null));
        continue;
      }
      String older = older(policy, target, reader);
      if (older != null) {
        ancestors.add(
            new BackendTlsResult.Ancestor(
                target,
                new Verdict(false, "Conflicted", "Conflicts with BackendTLSPolicy " + older),
                roots.resolved()));
        continue;
      }
      ancestors.add(new BackendTlsResult.Ancestor(target, roots.accepted(), roots.resolved()));
      for (String hostname : frontend.hostnames()) {
        out.addTargets(
            BackendTlsTarget.newBuilder()
                .setNamespace(frontend.namespace())
                .setHostname(hostname)
                .setPort(port));
      }
    }
    return new BackendTlsResult(
        out.getTargetsCount() == 0 ? Map.of() : byWaypoint(policy, out, reader),
        List.copyOf(ancestors));
  }

  private Map<String, EncodedResource> byWaypoint(
      BackendTlsPolicyObject policy, BackendTls.Builder tls, Reader reader) {
    EncodedResource resource = Resources.encode(policy, Resources.of(policy).setBackendTls(tls));
    Map<String, EncodedResource> all = new TreeMap<>();
    for (String name : WaypointClasses.names()) {
      for (GatewayObject gateway : reader.find(gatewaysByClass, name)) {
        all.put(gateway.key().path(), resource);
      }
    }
    return Map.copyOf(all);
  }

  /// The policy that has the target already; null without one.
  private @Nullable String older(BackendTlsPolicyObject policy, Target target, Reader reader) {
    String key = BackendTlsPolicyObject.key(policy.meta().namespace(), target);
    return reader.find(byTarget, key).stream()
        .filter(other -> MeshObject.AGE.compare(other, policy) < 0)
        .min(MeshObject.AGE)
        .map(other -> other.meta().namespace() + "/" + other.meta().name())
        .orElse(null);
  }

  private Roots roots(BackendTlsPolicyObject policy, Reader reader) {
    Verdict resolved = new Verdict(true, "ResolvedRefs", "all references are resolved");
    Verdict accepted = new Verdict(true, "Accepted", "TLS is begun with the endpoints");
    if (!policy.wellKnown().isEmpty()) {
      return policy.wellKnown().equals("System")
          ? new Roots("", accepted, resolved)
          : new Roots(
              "",
              new Verdict(
                  false,
                  "Invalid",
                  "validation.wellKnownCACertificates: found "
                      + policy.wellKnown()
                      + ", accepted: System"),
              resolved);
    }
    StringBuilder pem = new StringBuilder();
    for (Authority authority : policy.authorities()) {
      Object found = text(policy.meta().namespace(), authority, reader);
      if (found instanceof Verdict problem) {
        resolved = resolved.holds() ? problem : resolved;
      } else {
        pem.append(found).append('\n');
      }
    }
    return pem.isEmpty()
        ? new Roots("", new Verdict(false, "NoValidCACertificate", resolved.message()), resolved)
        : new Roots(pem.toString(), accepted, resolved);
  }

  /// The text, or the verdict that says why there is none.
  private Object text(String namespace, Authority authority, Reader reader) {
    if (!authority.isConfigMap()) {
      return new Verdict(
          false,
          "InvalidKind",
          "validation.caCertificateRefs: found kind " + authority.kind() + ", accepted: ConfigMap");
    }
    String path = namespace + "/" + authority.name();
    ConfigMapObject map = reader.get(objects.configMaps, path);
    if (map == null) {
      return new Verdict(false, "InvalidCACertificateRef", "there is no ConfigMap " + path);
    }
    String pem = map.data().getOrDefault("ca.crt", "");
    try {
      PemText.certificates("ca.crt of ConfigMap " + path, pem);
      return pem;
    } catch (IOException unreadable) {
      return new Verdict(false, "InvalidCACertificateRef", String.valueOf(unreadable.getMessage()));
    }
  }

  private static BackendTls.Builder traffic(BackendTlsPolicyObject policy, Roots roots) {
    BackendTls.Builder out = BackendTls.newBuilder().setCreationTime(Resources.created(policy));
    if (!roots.accepted().holds()) {
      return out.setInvalid(
          Backends.invalid(roots.accepted().reason(), roots.accepted().message()));
    }
    EndpointTls.Builder tls =
        EndpointTls.newBuilder()
            .setServerName(policy.hostname())
            .addAllSubjectAltNames(policy.names());
    if (!roots.pem().isEmpty()) {
      tls.setRoots(PemSource.newBuilder().setText(roots.pem()));
    }
    return out.setTls(tls);
  }
}
