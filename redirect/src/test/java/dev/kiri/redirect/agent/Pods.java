package dev.kiri.redirect.agent;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Pods for tests: running, with one address, in namespace `shop`, unless said otherwise.
record Pods(
    String namespace,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean hostNetwork,
    String phase,
    List<String> ips) {
  static final String UID = "0b1d5ff3-5b8a-4b5d-9f5a-5f7c0d8a2b11";

  static Pods pod() {
    return new Pods("shop", Map.of(), Map.of(), false, "Running", List.of("192.0.2.11"));
  }

  Pods in(String other) {
    return new Pods(other, labels, annotations, hostNetwork, phase, ips);
  }

  Pods label(String key, String value) {
    return new Pods(namespace, with(labels, key, value), annotations, hostNetwork, phase, ips);
  }

  Pods annotation(String key, String value) {
    return new Pods(namespace, labels, with(annotations, key, value), hostNetwork, phase, ips);
  }

  Pods onHostNetwork() {
    return new Pods(namespace, labels, annotations, true, phase, ips);
  }

  Pods phase(String other) {
    return new Pods(namespace, labels, annotations, hostNetwork, other, ips);
  }

  Pods ips(String... other) {
    return new Pods(namespace, labels, annotations, hostNetwork, phase, List.of(other));
  }

  Pods withoutAddress() {
    return ips(new String[0]);
  }

  Pods enabled() {
    return annotation(MeshLabels.REDIRECTION, "enabled");
  }

  Pods pending() {
    return annotation(MeshLabels.REDIRECTION, "pending");
  }

  Pod build() {
    return new Pod(
        UID,
        namespace,
        "web",
        "web-account",
        labels,
        annotations,
        hostNetwork,
        phase,
        Stream.of(ips.toArray(String[]::new)).map(InetAddress::ofLiteral).toList());
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    var more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }
}
