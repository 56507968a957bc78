package dev.kiri.cli.explain;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.dump.Element;
import dev.kiri.cli.explain.Explanation.Stage;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Follows one connection, which nobody opens, from proxy to proxy: the node proxy of the client,
/// the waypoint if there is one, the node proxy of the server. Each is asked at its admin port.
/// Asks each anew; for one connection and one thread.
public final class Journey {
  private static final String CAPTURED = "ambient.istio.io/redirection";

  private final Cluster cluster;
  private final Function<KubeObject, KubeObject> proxyOf;
  private final int adminPort;
  private final List<Stage> stages = new ArrayList<>();

  /// `proxyOf` finds the node proxy of a pod, or fails with a line for the user.
  public Journey(Cluster cluster, Function<KubeObject, KubeObject> proxyOf, int adminPort) {
    this.cluster = cluster;
    this.proxyOf = proxyOf;
    this.adminPort = adminPort;
  }

  /// The way of a connection that this pod opens.
  ///
  /// @throws CommandFailed when the client's proxy cannot be asked or does not know who is meant
  public Explanation of(KubeObject client, Question question) {
    var left = ask(proxyOf.apply(client), departure(client, question));
    var server = left.text("destinationPod");
    if (!isCaptured(client)) {
      passBy(client, left);
      return new Explanation(fullName(client), question, stages);
    }
    leave(proxyOf.apply(client), left);
    switch (left.text("outcome")) {
      case "HBONE" -> {
        if (left.text("throughWaypoint").equals("true")) {
          throughWaypoint(question, left);
        } else {
          arrive(client, server, "&port=" + left.text("port"));
        }
      }
      case "TCP" -> {
        if (pod(server).filter(Journey::isCaptured).isPresent()) {
          arrive(client, server, "&plain=true&port=" + left.text("port"));
        }
      }
      default -> {} // ends here, or on a network whose proxies are not ours to ask
    }
    return new Explanation(fullName(client), question, stages);
  }

  private static String departure(KubeObject client, Question question) {
    var query = new StringBuilder("/debug/explain?src=" + key(client));
    Question.add(query, "dst", question.to());
    Question.add(query, "port", String.valueOf(question.port()));
    return query.toString();
  }

  private void leave(KubeObject proxy, Element answer) {
    var steps = new ArrayList<>(answer.texts("steps"));
    answer.texts("policy").forEach(line -> steps.add("policy at the next hop: " + line));
    stages.add(
        new Stage(
            fullName(proxy) + ", node proxy of the client",
            answer.text("decision"),
            answer.text("outcome").equals("REFUSED"),
            steps,
            answer.fields()));
  }

  /// A pod that is not captured: the network carries its plain text to an endpoint, past every
  /// waypoint. The answer says only where a captured one would have been sent.
  private void passBy(KubeObject client, Element answer) {
    stages.add(
        new Stage(
            fullName(client) + ", the client",
            "not captured: its connections leave as plain text, and pass no proxy and no waypoint",
            false,
            List.of("it lacks the annotation " + CAPTURED + "=enabled"),
            Map.of()));
    var server = answer.text("destinationPod");
    if (answer.text("throughWaypoint").equals("true")) {
      notAsked(
          "the node proxy of the server",
          "which endpoint the network picks is not known; name one as NAMESPACE/POD:PORT");
    } else if (pod(server).filter(Journey::isCaptured).isPresent()) {
      arrive(client, server, "&plain=true&port=" + answer.text("port"));
    }
  }

  private void throughWaypoint(Question question, Element left) {
    var waypoint = pod(left.text("destinationPod"));
    var service = left.text("service");
    if (waypoint.isEmpty()) {
      notAsked(left.text("destinationPod") + ", waypoint", "it is no pod of this cluster");
      return;
    }
    var at = fullName(waypoint.get()) + ", waypoint";
    if (service.isEmpty()) {
      notAsked(at, "a workload is asked for, and waypoints explain requests for services");
      return;
    }
    var query = new StringBuilder("/explain?service=" + service);
    Question.add(query, "port", String.valueOf(question.port()));
    Question.add(query, "client", left.text("sourceIdentity"));
    Question.add(query, "workload", left.text("source"));
    query.append(question.query());
    Element answer;
    try {
      answer = ask(waypoint.get(), query.toString());
    } catch (CommandFailed refused) {
      notAsked(at, String.valueOf(refused.getMessage()));
      return;
    }
    var judged = WaypointAnswer.of(answer);
    stages.add(new Stage(at, judged.decision(), judged.stops(), judged.steps(), answer.fields()));
    judged
        .endpoint()
        .ifPresent(
            endpoint ->
                arrive(
                    waypoint.get(), endpoint, "&service=" + service + "&port=" + question.port()));
  }

  private void arrive(KubeObject peer, String pod, String what) {
    var server = pod(pod);
    if (server.isEmpty()) {
      notAsked("the node proxy of " + pod, "that is no pod of this cluster");
      return;
    }
    try {
      var proxy = proxyOf.apply(server.get());
      var answer = ask(proxy, "/debug/explain?src=" + key(peer) + "&to=" + pod + what);
      stages.add(
          new Stage(
              fullName(proxy) + ", node proxy of " + fullName(server.get()),
              answer.text("decision"),
              !answer.text("outcome").equals("ADMITTED"),
              answer.texts("steps"),
              answer.fields()));
    } catch (CommandFailed failed) {
      notAsked("the node proxy of " + pod, String.valueOf(failed.getMessage()));
    }
  }

  private void notAsked(String at, String why) {
    stages.add(new Stage(at, "not asked: " + why, false, List.of(), Map.of()));
  }

  private Optional<KubeObject> pod(String key) {
    int slash = key.indexOf('/');
    return slash < 0
        ? Optional.empty()
        : cluster.get(ObjectKey.of("Pod", key.substring(0, slash), key.substring(slash + 1)));
  }

  private Element ask(KubeObject proxy, String path) {
    try {
      var reply = cluster.http(proxy.namespace(), proxy.name(), adminPort, "GET", path);
      if (reply.status() != 200) {
        throw CommandFailed.because(
            fullName(proxy) + " answered " + reply.status() + ": " + reply.body().strip());
      }
      return Element.of(JsonMapper.shared().readValue(reply.body(), Object.class));
    } catch (MeshException unreachable) {
      throw CommandFailed.because(
          fullName(proxy) + " cannot be asked: " + unreachable.getMessage());
    } catch (JacksonException unreadable) {
      throw CommandFailed.because(fullName(proxy) + " does not explain: it answers no JSON");
    }
  }

  private static boolean isCaptured(KubeObject pod) {
    return pod.text("metadata", "annotations", CAPTURED).equals("enabled");
  }

  private static String key(KubeObject pod) {
    return pod.namespace() + "/" + pod.name();
  }

  private static String fullName(KubeObject pod) {
    return pod.name() + "." + pod.namespace();
  }
}
