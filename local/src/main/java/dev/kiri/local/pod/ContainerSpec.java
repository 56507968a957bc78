package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.mapsOf;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.store.KubeObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One container of a pod, as its manifest says it.
///
/// @param sidecar an init container that keeps running (`restartPolicy: Always`)
public record ContainerSpec(
    String name,
    String image,
    List<String> command,
    List<String> args,
    String workingDir,
    List<Map<String, Object>> env,
    List<Map<String, Object>> envFrom,
    List<Port> ports,
    List<Mount> mounts,
    Optional<Probe> startup,
    Optional<Probe> readiness,
    Optional<Probe> liveness,
    Map<String, Object> resources,
    boolean sidecar) {

  /// A declared port; `name` may be empty.
  public record Port(String name, int number, String protocol) {}

  /// A volume at a place in the container. The sub-path may refer to the environment.
  public record Mount(String volume, String path, String subPath, boolean readOnly) {}

  public static List<ContainerSpec> containersOf(KubeObject pod) {
    return pod.maps("spec", "containers").stream().map(ContainerSpec::of).toList();
  }

  public static List<ContainerSpec> initContainersOf(KubeObject pod) {
    return pod.maps("spec", "initContainers").stream().map(ContainerSpec::of).toList();
  }

  private static ContainerSpec of(Map<String, Object> tree) {
    var ports =
        mapsOf(in(tree, "ports")).stream()
            .map(
                p ->
                    new Port(
                        textIn(p, "name"),
                        numberIn(p, 0, "containerPort"),
                        textIn(p, "protocol").isEmpty() ? "TCP" : textIn(p, "protocol")))
            .toList();
    var mounts =
        mapsOf(in(tree, "volumeMounts")).stream()
            .map(
                m ->
                    new Mount(
                        textIn(m, "name"),
                        textIn(m, "mountPath"),
                        textIn(m, "subPath").isEmpty()
                            ? textIn(m, "subPathExpr")
                            : textIn(m, "subPath"),
                        Boolean.TRUE.equals(in(m, "readOnly"))))
            .toList();
    return new ContainerSpec(
        textIn(tree, "name"),
        textIn(tree, "image"),
        textsOf(in(tree, "command")),
        textsOf(in(tree, "args")),
        textIn(tree, "workingDir"),
        mapsOf(in(tree, "env")),
        mapsOf(in(tree, "envFrom")),
        ports,
        mounts,
        Probe.of(in(tree, "startupProbe"), ports),
        Probe.of(in(tree, "readinessProbe"), ports),
        Probe.of(in(tree, "livenessProbe"), ports),
        KubeObject.asMap(in(tree, "resources")),
        textIn(tree, "restartPolicy").equals("Always"));
  }
}
