package dev.kiri.local.pod;

import dev.kiri.local.pod.ContainerState.Running;
import dev.kiri.local.pod.ContainerState.Terminated;
import dev.kiri.local.pod.ContainerState.Waiting;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Computes a pod's status as a kubelet writes it. Pure.
///
/// @param problem why the pod cannot come up, as reason and message; null while nothing is wrong
public record PodStatus(
    List<Container> init,
    List<Container> containers,
    boolean initialized,
    String restartPolicy,
    List<String> podAddresses,
    List<String> hostAddresses,
    Instant startedAt,
    Waiting problem) {

  /// Nothing is wrong.
  static final Waiting NO_PROBLEM = new Waiting("", "");

  /// One container as it is now.
  public record Container(
      String name,
      String image,
      ContainerState state,
      @Nullable Terminated last,
      boolean ready,
      int restarts) {}

  public boolean ready() {
    return initialized && !containers.isEmpty() && containers.stream().allMatch(Container::ready);
  }

  public String phase() {
    boolean allEnded =
        !containers.isEmpty() && containers.stream().allMatch(c -> c.state() instanceof Terminated);
    if (allEnded) {
      boolean clean =
          containers.stream().allMatch(c -> c.state() instanceof Terminated t && t.exitCode() == 0);
      if (clean && !restartPolicy.equals("Always")) {
        return "Succeeded";
      }
      return restartPolicy.equals("Never") ? "Failed" : "Running";
    }
    boolean started =
        containers.stream()
            .anyMatch(c -> c.state() instanceof Running || c.restarts() > 0 || c.last() != null);
    if (started) {
      return "Running";
    }
    boolean initFailed =
        restartPolicy.equals("Never")
            && init.stream().anyMatch(c -> c.state() instanceof Terminated t && t.exitCode() != 0);
    return initFailed ? "Failed" : "Pending";
  }

  /// The `status` field of the Pod object. `before` keeps the transition times of what did not
  /// change.
  public Map<String, Object> fields(Map<String, Object> before, Instant now) {
    var out = new LinkedHashMap<String, Object>();
    out.put("phase", phase());
    if (!problem.reason().isEmpty()) {
      out.put("reason", problem.reason());
      out.put("message", problem.message());
    }
    var unready = containers.stream().filter(c -> !c.ready()).map(Container::name).toList();
    var completed = phase().equals("Succeeded");
    var why = completed ? "PodCompleted" : "ContainersNotReady";
    var which = "containers with unready status: " + unready;
    var conditions = new ArrayList<Object>();
    conditions.add(condition("PodScheduled", true, "", "", before, now));
    conditions.add(
        condition(
            "Initialized",
            initialized,
            "ContainersNotInitialized",
            problem.message(),
            before,
            now));
    conditions.add(condition("ContainersReady", ready(), why, which, before, now));
    conditions.add(condition("Ready", ready(), why, which, before, now));
    out.put("conditions", conditions);
    out.put("hostIP", hostAddresses.getFirst());
    out.put("hostIPs", addresses(hostAddresses));
    out.put("podIP", podAddresses.getFirst());
    out.put("podIPs", addresses(podAddresses));
    out.put("startTime", startedAt.truncatedTo(ChronoUnit.SECONDS).toString());
    if (!init.isEmpty()) {
      out.put("initContainerStatuses", init.stream().map(PodStatus::fields).toList());
    }
    out.put("containerStatuses", containers.stream().map(PodStatus::fields).toList());
    out.put("qosClass", "BestEffort");
    return out;
  }

  private static List<Object> addresses(List<String> all) {
    return all.stream().<Object>map(a -> Map.of("ip", a)).toList();
  }

  private static Map<String, Object> fields(Container container) {
    var out = new LinkedHashMap<String, Object>();
    out.put("name", container.name());
    out.put("image", container.image());
    out.put("imageID", "");
    out.put("ready", container.ready());
    out.put("started", container.state() instanceof Running);
    out.put("restartCount", container.restarts());
    out.put("state", state(container.state()));
    var last = container.last();
    out.put("lastState", last == null ? Map.of() : state(last));
    return out;
  }

  private static Map<String, Object> state(ContainerState state) {
    return switch (state) {
      case Waiting(var reason, var message) when message.isEmpty() ->
          Map.of("waiting", Map.of("reason", reason));
      case Waiting(var reason, var message) ->
          Map.of("waiting", Map.of("reason", reason, "message", message));
      case Running(var since) ->
          Map.of("running", Map.of("startedAt", since.truncatedTo(ChronoUnit.SECONDS).toString()));
      case Terminated t ->
          Map.of(
              "terminated",
              Map.of(
                  "exitCode", t.exitCode(),
                  "reason", t.reason(),
                  "startedAt", t.startedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                  "finishedAt", t.finishedAt().truncatedTo(ChronoUnit.SECONDS).toString()));
    };
  }

  /// A condition that keeps its transition time while its status stays.
  public static Map<String, Object> condition(
      String type,
      boolean holds,
      String reason,
      String message,
      Map<String, Object> before,
      Instant now) {
    var status = holds ? "True" : "False";
    var since =
        dev.kiri.local.store.KubeObject.mapsOf(before.get("conditions")).stream()
            .filter(c -> type.equals(c.get("type")) && status.equals(c.get("status")))
            .map(c -> String.valueOf(c.get("lastTransitionTime")))
            .findFirst()
            .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
    var out = new LinkedHashMap<String, Object>();
    out.put("type", type);
    out.put("status", status);
    out.put("lastTransitionTime", since);
    if (!holds && !reason.isEmpty()) {
      out.put("reason", reason);
      out.put("message", message);
    }
    return out;
  }
}
