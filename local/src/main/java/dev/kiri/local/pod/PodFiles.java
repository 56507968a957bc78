package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.mapsOf;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.network.Topology;
import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The texts of a pod's own files: `/etc/hosts`, `/etc/resolv.conf`, and the contents of volumes
/// made from objects. Pure.
final class PodFiles {
  static final String ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
  static final String ROOT_CONFIG_MAP = "istio-ca-root-cert";

  private PodFiles() {}

  static String hosts(KubeObject pod, List<String> addresses) {
    var out =
        new StringBuilder(
            """
            # Managed by kiri.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            """);
    addresses.forEach(
        a -> out.append(a).append('\t').append(Environment.hostname(pod)).append('\n'));
    for (var alias : pod.maps("spec", "hostAliases")) {
      out.append(textIn(alias, "ip"))
          .append('\t')
          .append(String.join("\t", textsOf(in(alias, "hostnames"))))
          .append('\n');
    }
    return out.toString();
  }

  static String resolvConf(KubeObject pod) {
    var servers = new ArrayList<String>();
    var searches = new ArrayList<String>();
    var options = new ArrayList<String>();
    if (!pod.text("spec", "dnsPolicy").equals("None")) {
      servers.add(Topology.DNS_ADDRESS);
      var domain = Topology.CLUSTER_DOMAIN;
      searches.addAll(List.of(pod.namespace() + ".svc." + domain, "svc." + domain, domain));
      options.add("ndots:5");
    }
    servers.addAll(textsOf(pod.at("spec", "dnsConfig", "nameservers")));
    searches.addAll(textsOf(pod.at("spec", "dnsConfig", "searches")));
    for (var option : mapsOf(pod.at("spec", "dnsConfig", "options"))) {
      var value = textIn(option, "value");
      options.removeIf(o -> o.startsWith(textIn(option, "name") + ":"));
      options.add(textIn(option, "name") + (value.isEmpty() ? "" : ":" + value));
    }
    var out = new StringBuilder();
    if (!searches.isEmpty()) {
      out.append("search ").append(String.join(" ", searches)).append('\n');
    }
    servers.forEach(s -> out.append("nameserver ").append(s).append('\n'));
    if (!options.isEmpty()) {
      out.append("options ").append(String.join(" ", options)).append('\n');
    }
    return out.toString();
  }

  /// Signs a token; the arguments are audience and lifetime in seconds.
  interface TokenSigner {
    String sign(String audience, int seconds);
  }

  /// The files of one volume by relative path, or empty where the volume has no files of ours
  /// (`emptyDir`, `hostPath`), or nothing while an object it needs is not there yet.
  static Optional<Map<String, String>> contents(
      Map<String, Object> volume, KubeObject pod, VolumeSources sources, TokenSigner tokens) {
    if (in(volume, "projected") instanceof Map<?, ?> projected) {
      var out = new LinkedHashMap<String, String>();
      for (var source : mapsOf(in(projected, "sources"))) {
        var part = source(source, pod, sources, tokens);
        if (part.isEmpty()) {
          return Optional.empty();
        }
        out.putAll(part.get());
      }
      return Optional.of(out);
    }
    return source(volume, pod, sources, tokens);
  }

  private static Optional<Map<String, String>> source(
      Map<String, Object> source, KubeObject pod, VolumeSources sources, TokenSigner tokens) {
    if (in(source, "configMap") instanceof Map<?, ?> map) {
      return ofObject(map, sources.object("ConfigMap", textIn(map, "name")));
    }
    if (in(source, "secret") instanceof Map<?, ?> secret) {
      var name = textIn(secret, "secretName");
      return ofObject(
          secret, sources.object("Secret", name.isEmpty() ? textIn(secret, "name") : name));
    }
    if (in(source, "serviceAccountToken") instanceof Map<?, ?> token) {
      var audience = textIn(token, "audience");
      var path = textIn(token, "path");
      return Optional.of(
          Map.of(
              path.isEmpty() ? "token" : path,
              tokens.sign(
                  audience.isEmpty() ? Tokens.ISSUER : audience,
                  numberIn(token, 3600, "expirationSeconds"))));
    }
    if (in(source, "clusterTrustBundle") instanceof Map<?, ?> bundle) {
      return sources
          .object("ConfigMap", ROOT_CONFIG_MAP)
          .map(o -> Map.of(textIn(bundle, "path"), o.text("data", "root-cert.pem")));
    }
    if (in(source, "downwardAPI") instanceof Map<?, ?> downward) {
      var out = new LinkedHashMap<String, String>();
      for (var item : mapsOf(in(downward, "items"))) {
        out.put(
            textIn(item, "path"), Environment.field(pod, textIn(item, "fieldRef", "fieldPath")));
      }
      return Optional.of(out);
    }
    return Optional.of(Map.of());
  }

  private static Optional<Map<String, String>> ofObject(
      Map<?, ?> reference, Optional<KubeObject> object) {
    if (object.isEmpty()) {
      boolean optional = Boolean.TRUE.equals(in(reference, "optional"));
      return optional ? Optional.of(Map.of()) : Optional.empty();
    }
    var data = Environment.data(object.get());
    var items = mapsOf(in(reference, "items"));
    if (items.isEmpty()) {
      return Optional.of(data);
    }
    var out = new LinkedHashMap<String, String>();
    for (var item : items) {
      var value = data.get(textIn(item, "key"));
      if (value != null) {
        out.put(textIn(item, "path"), value);
      }
    }
    return Optional.of(out);
  }

  /// What a volume still waits for, for the pod's condition.
  static List<String> missing(KubeObject pod, VolumeSources sources) {
    var out = new ArrayList<String>();
    for (var volume : pod.maps("spec", "volumes")) {
      if (contents(volume, pod, sources, (_, _) -> "").isEmpty()) {
        out.add(textIn(volume, "name"));
      }
    }
    return out;
  }
}
