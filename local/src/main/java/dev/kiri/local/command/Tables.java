package dev.kiri.local.command;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Objects as columns of text, one table a kind. Pure.
final class Tables {
  private Tables() {}

  static String of(List<KubeObject> objects, boolean withNamespace, boolean wide) {
    if (objects.isEmpty()) {
      return "No objects found\n";
    }
    var byKind = new LinkedHashMap<String, List<KubeObject>>();
    objects.forEach(o -> byKind.computeIfAbsent(o.kind(), _ -> new ArrayList<>()).add(o));
    return byKind.values().stream()
        .map(same -> ofOneKind(same, byKind.size() > 1, withNamespace, wide))
        .collect(Collectors.joining("\n"));
  }

  /// @param qualified whether names carry their kind, because other kinds are shown as well
  private static String ofOneKind(
      List<KubeObject> objects, boolean qualified, boolean withNamespace, boolean wide) {
    var kind = objects.getFirst().kind();
    var prefix = qualified ? kind.toLowerCase(Locale.ROOT) + "/" : "";
    var rows = new ArrayList<List<String>>();
    rows.add(row(withNamespace, "NAMESPACE", "NAME", headers(kind, wide)));
    for (var object : objects) {
      rows.add(row(withNamespace, object.namespace(), prefix + object.name(), cells(object, wide)));
    }
    return aligned(rows);
  }

  private static List<String> row(
      boolean withNamespace, String namespace, String name, List<String> cells) {
    var out = new ArrayList<String>();
    if (withNamespace) {
      out.add(namespace);
    }
    out.add(name);
    out.addAll(cells);
    return out;
  }

  private static List<String> headers(String kind, boolean wide) {
    return switch (kind) {
      case "Pod" ->
          wide
              ? List.of("READY", "STATUS", "RESTARTS", "IP", "NODE")
              : List.of("READY", "STATUS", "RESTARTS", "NODE");
      case "Service" ->
          wide
              ? List.of("TYPE", "CLUSTER-IP", "PORTS", "SELECTOR")
              : List.of("TYPE", "CLUSTER-IP", "PORTS");
      case "Deployment", "StatefulSet", "DaemonSet" -> List.of("READY");
      case "Gateway" -> List.of("CLASS", "ADDRESS", "PROGRAMMED");
      default -> List.of("CONDITIONS");
    };
  }

  private static List<String> cells(KubeObject o, boolean wide) {
    return switch (o.kind()) {
      case "Pod" -> pod(o, wide);
      case "Service" -> {
        var ports =
            o.maps("spec", "ports").stream()
                .map(p -> textIn(p, "port") + "/" + textIn(p, "protocol"))
                .toList();
        var out =
            new ArrayList<>(
                List.of(
                    o.text("spec", "type"),
                    o.textOr("None", "spec", "clusterIP"),
                    String.join(",", ports)));
        if (wide) {
          out.add(o.texts("spec", "selector").toString());
        }
        yield out;
      }
      case "Deployment", "StatefulSet" ->
          List.of(o.number(0, "status", "readyReplicas") + "/" + o.number(1, "spec", "replicas"));
      case "DaemonSet" ->
          List.of(
              o.number(0, "status", "numberReady")
                  + "/"
                  + o.number(0, "status", "desiredNumberScheduled"));
      case "Gateway" -> {
        var addresses =
            o.maps("status", "addresses").stream().map(a -> textIn(a, "value")).toList();
        yield List.of(
            o.text("spec", "gatewayClassName"),
            String.join(",", addresses),
            condition(o, "Programmed"));
      }
      default -> List.of(conditions(o));
    };
  }

  private static List<String> pod(KubeObject o, boolean wide) {
    var containers = o.maps("status", "containerStatuses");
    long ready = containers.stream().filter(c -> Boolean.TRUE.equals(in(c, "ready"))).count();
    int restarts = containers.stream().mapToInt(c -> numberIn(c, 0, "restartCount")).sum();
    var status =
        o.text("metadata", "deletionTimestamp").isEmpty()
            ? o.textOr("Pending", "status", "phase")
            : "Terminating";
    for (var container : containers) {
      var waiting = textIn(container, "state", "waiting", "reason");
      status = waiting.isEmpty() || status.equals("Terminating") ? status : waiting;
    }
    if (!status.equals("Terminating")) {
      status = o.textOr(status, "status", "reason"); // why it cannot come up at all
    }
    var out =
        new ArrayList<>(
            List.of(ready + "/" + containers.size(), status, Integer.toString(restarts)));
    if (wide) {
      out.add(o.text("status", "podIP"));
    }
    out.add(o.text("spec", "nodeName"));
    return out;
  }

  private static String condition(KubeObject o, String type) {
    return o.maps("status", "conditions").stream()
        .filter(c -> textIn(c, "type").equals(type))
        .map(c -> textIn(c, "status"))
        .findFirst()
        .orElse("Unknown");
  }

  /// Conditions of the object itself and, for routes, of its parents.
  private static String conditions(KubeObject o) {
    var all = new ArrayList<>(o.maps("status", "conditions"));
    o.maps("status", "parents").forEach(p -> all.addAll(KubeObject.mapsOf(in(p, "conditions"))));
    return String.join(
        ",",
        textsOf(all.stream().map(c -> textIn(c, "type") + "=" + textIn(c, "status")).toList()));
  }

  private static String aligned(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    var widths = new int[columns];
    rows.forEach(
        r -> {
          for (int i = 0; i < columns; i++) {
            widths[i] = Math.max(widths[i], r.get(i).length());
          }
        });
    var out = new StringBuilder();
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 3));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
