package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.dump.Target;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.Kind;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The node proxies of a cluster, and which of them a user means.
///
/// @param givenNamespace what `-n` said, for names without a namespace
record Ztunnels(
    Cluster cluster, @Nullable String givenNamespace, String istioNamespace, int adminPort) {
  private static final String NAME = "ztunnel";

  /// A proxy to ask, and the pod the question is about, if it is about one.
  record Found(KubeObject proxy, Optional<Target> target) {}

  /// All of them, the best to ask first.
  List<KubeObject> all() {
    var labels =
        cluster
            .get(ObjectKey.of("DaemonSet", istioNamespace, NAME))
            .map(set -> set.texts("spec", "selector", "matchLabels"))
            .filter(selector -> !selector.isEmpty())
            .orElse(Map.of("app", NAME));
    return selected(istioNamespace, labels);
  }

  /// The only one there is.
  Found only() {
    var proxies = all();
    if (proxies.size() != 1) {
      throw CommandFailed.because("ztunnel pod name or --node must be set");
    }
    return new Found(proxies.getFirst(), Optional.empty());
  }

  /// The one a user named by `[type/]name[.namespace]` or by its node; without either, any.
  Found first(@Nullable String argument, @Nullable String node) {
    if (argument == null) {
      var proxy = node == null ? all().stream().findFirst() : onNode(node);
      return new Found(
          proxy.orElseThrow(() -> CommandFailed.because("no pods found")), Optional.empty());
    }
    var pod = pod(argument);
    return isZtunnel(pod)
        ? new Found(pod, Optional.empty())
        : new Found(servant(pod), Optional.of(new Target(pod.namespace(), pod.name())));
  }

  /// The answer's body.
  ///
  /// @throws CommandFailed unless the answer is 200
  String ask(KubeObject proxy, String method, String path) {
    var failed = "failed to execute command on " + fullName(proxy) + " Ztunnel: ";
    try {
      var reply = cluster.http(proxy.namespace(), proxy.name(), adminPort, method, path);
      if (reply.status() != 200) {
        throw CommandFailed.because(failed + "unexpected status code: " + reply.status());
      }
      return reply.body();
    } catch (MeshException e) {
      throw CommandFailed.because(failed + e.getMessage());
    }
  }

  static String fullName(KubeObject pod) {
    return pod.name() + "." + pod.namespace();
  }

  static boolean isZtunnel(KubeObject pod) {
    var app = pod.labels().get("app");
    return app == null ? pod.name().startsWith(NAME) : app.equals(NAME);
  }

  /// @throws CommandFailed when there is no such pod
  KubeObject pod(String argument) {
    int slash = argument.indexOf('/');
    var name = argument.substring(slash + 1);
    int dot = name.lastIndexOf('.');
    var namespace =
        dot >= 0
            ? name.substring(dot + 1)
            : givenNamespace != null ? givenNamespace : istioNamespace;
    if (dot >= 0) {
      name = name.substring(0, dot);
    }
    var kind = slash < 0 ? "Pod" : kind(argument.substring(0, slash));
    var missing = "failed to get pod " + name + "." + namespace + ": ";
    var object =
        cluster
            .get(ObjectKey.of(kind, namespace, name))
            .orElseThrow(() -> CommandFailed.because(missing + "not found"));
    if (kind.equals("Pod")) {
      return object;
    }
    var selector =
        kind.equals("Service")
            ? object.texts("spec", "selector")
            : object.texts("spec", "selector", "matchLabels");
    if (selector.isEmpty()) {
      throw CommandFailed.because(argument + " selects no pods");
    }
    return selected(namespace, selector).stream()
        .findFirst()
        .orElseThrow(() -> CommandFailed.because("no pods found"));
  }

  /// The proxy of the node that a pod runs on.
  ///
  /// @throws CommandFailed when the pod has no node, or that one no proxy
  KubeObject servant(KubeObject pod) {
    return servant(pod, pod.text("spec", "nodeName"));
  }

  private static String kind(String word) {
    return Kind.typed(word)
        .map(Kind::name)
        .orElseThrow(() -> CommandFailed.because("there is no kind of object named " + word));
  }

  private KubeObject servant(KubeObject pod, String node) {
    if (node.isEmpty()) {
      throw CommandFailed.because("pod " + fullName(pod) + " is not scheduled to a node");
    }
    return onNode(node)
        .orElseThrow(
            () ->
                CommandFailed.because(
                    "failed to find ztunnel on node "
                        + node
                        + " for pod "
                        + fullName(pod)
                        + ": no pods found"));
  }

  private Optional<KubeObject> onNode(String node) {
    return all().stream().filter(pod -> pod.text("spec", "nodeName").equals(node)).findFirst();
  }

  private List<KubeObject> selected(String namespace, Map<String, String> labels) {
    return cluster.list("Pod", namespace).stream()
        .filter(pod -> pod.labels().entrySet().containsAll(labels.entrySet()))
        .sorted(
            Comparator.comparing((KubeObject pod) -> !isRunning(pod))
                .thenComparing(pod -> !isReady(pod))
                .thenComparing(pod -> pod.text("metadata", "creationTimestamp"))
                .thenComparing(KubeObject::name))
        .toList();
  }

  private static boolean isRunning(KubeObject pod) {
    return pod.text("status", "phase").equals("Running");
  }

  private static boolean isReady(KubeObject pod) {
    return pod.maps("status", "conditions").stream()
        .anyMatch(
            c ->
                KubeObject.textIn(c, "type").equals("Ready")
                    && KubeObject.textIn(c, "status").equals("True"));
  }
}
