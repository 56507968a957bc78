package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.store.KubeObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The environment of a container, and the `$(NAME)` references in its command line. Pure.
final class Environment {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$|\\$\\(([A-Za-z_][A-Za-z0-9_.-]*)\\)");
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Environment() {}

  static Map<String, String> of(KubeObject pod, ContainerSpec container, VolumeSources sources) {
    var out = new LinkedHashMap<String, String>();
    out.put("PATH", PATH);
    out.put("HOME", "/root");
    out.put("HOSTNAME", hostname(pod));
    for (var from : container.envFrom()) {
      var prefix = textIn(from, "prefix");
      for (var kind : List.of("ConfigMap", "Secret")) {
        var reference = kind.equals("ConfigMap") ? "configMapRef" : "secretRef";
        var name = textIn(from, reference, "name");
        if (!name.isEmpty()) {
          sources
              .object(kind, name)
              .ifPresent(o -> data(o).forEach((k, v) -> out.put(prefix + k, v)));
        }
      }
    }
    for (var variable : container.env()) {
      value(variable, pod, container, sources)
          .ifPresent(v -> out.put(textIn(variable, "name"), expand(v, out)));
    }
    return out;
  }

  static String hostname(KubeObject pod) {
    var name = pod.textOr(pod.name(), "spec", "hostname");
    return name.length() > 63 ? name.substring(0, 63) : name; // the kernel's and DNS' limit
  }

  private static Optional<String> value(
      Map<String, Object> variable,
      KubeObject pod,
      ContainerSpec container,
      VolumeSources sources) {
    if (in(variable, "valueFrom") == null) {
      return Optional.of(textIn(variable, "value"));
    }
    var field = textIn(variable, "valueFrom", "fieldRef", "fieldPath");
    if (!field.isEmpty()) {
      return Optional.of(field(pod, field));
    }
    var resource = textIn(variable, "valueFrom", "resourceFieldRef", "resource");
    if (!resource.isEmpty()) {
      return Optional.of(resource(container, resource));
    }
    for (var kind : List.of("ConfigMap", "Secret")) {
      var reference = kind.equals("ConfigMap") ? "configMapKeyRef" : "secretKeyRef";
      var name = textIn(variable, "valueFrom", reference, "name");
      if (!name.isEmpty()) {
        var key = textIn(variable, "valueFrom", reference, "key");
        return sources.object(kind, name).map(o -> data(o).get(key));
      }
    }
    return Optional.empty();
  }

  /// The downward API's fields.
  static String field(KubeObject pod, String path) {
    var at = path.indexOf("['");
    if (at > 0 && path.endsWith("']")) {
      var key = path.substring(at + 2, path.length() - 2);
      var map = path.startsWith("metadata.labels") ? pod.labels() : pod.annotations();
      return map.getOrDefault(key, "");
    }
    if (path.equals("metadata.labels") || path.equals("metadata.annotations")) {
      var map = path.endsWith("labels") ? pod.labels() : pod.annotations();
      var lines = new ArrayList<String>();
      map.forEach(
          (k, v) -> lines.add(k + "=\"" + v.replace("\\", "\\\\").replace("\"", "\\\"") + "\""));
      return String.join("\n", lines);
    }
    if (path.equals("status.podIPs") || path.equals("status.hostIPs")) {
      var kind = path.substring("status.".length());
      return String.join(",", pod.maps("status", kind).stream().map(m -> textIn(m, "ip")).toList());
    }
    return pod.text(path.split("\\."));
  }

  /// Limits of this machine stand in for limits that are not set, as in Kubernetes.
  private static String resource(ContainerSpec container, String resource) {
    var path = resource.split("\\.");
    var given = textIn(container.resources(), path);
    if (resource.endsWith(".cpu")) {
      if (given.isEmpty()) {
        return Integer.toString(Runtime.getRuntime().availableProcessors());
      }
      return given.endsWith("m")
          ? Integer.toString(
              (Integer.parseInt(given.substring(0, given.length() - 1)) + 999) / 1000)
          : given;
    }
    return given.isEmpty() ? "0" : given;
  }

  /// The entries of a ConfigMap or, decoded, of a Secret.
  static Map<String, String> data(KubeObject object) {
    var out = new LinkedHashMap<>(object.texts("data"));
    if (object.kind().equals("Secret")) {
      out.replaceAll(
          (_, v) -> new String(Base64.getMimeDecoder().decode(v), StandardCharsets.UTF_8));
      out.putAll(object.texts("stringData"));
    }
    return out;
  }

  /// Replaces `$(NAME)` by its value; unknown names stay as they are, `$$` is a plain dollar.
  static String expand(String text, Map<String, String> environment) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            m -> {
              var name = m.group(1);
              var value = name == null ? "$" : environment.getOrDefault(name, m.group());
              return Matcher.quoteReplacement(value);
            });
  }
}
