package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.VirtualServiceObject.Client;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Comparison;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Http;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Match;
import dev.kiri.controlplane.kinds.VirtualServiceObject.TextMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a rule that delegates and a rule of the delegate become one (istio/istio
/// pilot/pkg/model/virtualservice.go): every pair of matches that can hold together, what the
/// delegate leaves open taken from the rule that delegates. Pure.
final class Delegation {
  private Delegation() {}

  /// Null where no request can match both.
  static @Nullable Http merge(Http root, Http rule) {
    List<Match> matches = matches(root.matches(), rule.matches());
    if (matches == null) {
      return null;
    }
    return new Http(
        name(root.name(), rule.name()),
        matches,
        null,
        rule.destinations(),
        rule.redirect(),
        rule.direct(),
        or(rule.rewrite(), root.rewrite()),
        or(rule.timeout(), root.timeout()),
        or(rule.retries(), root.retries()),
        or(rule.fault(), root.fault()),
        rule.mirrors().isEmpty() ? root.mirrors() : rule.mirrors(),
        or(rule.cors(), root.cors()),
        or(rule.headers(), root.headers()),
        or(rule.problem(), root.problem()));
  }

  private static String name(String root, String rule) {
    return root.isEmpty() ? rule : rule.isEmpty() ? root : root + "-" + rule;
  }

  private static <T> @Nullable T or(@Nullable T own, @Nullable T inherited) {
    return own == null ? inherited : own;
  }

  private static @Nullable List<Match> matches(List<Match> root, List<Match> rule) {
    if (root.isEmpty() || rule.isEmpty()) {
      return root.isEmpty() ? rule : root;
    }
    List<Match> merged = new ArrayList<>();
    for (Match outer : root) {
      for (Match inner : rule) {
        if (compatible(outer, inner)) {
          merged.add(merge(outer, inner));
        }
      }
    }
    return merged.isEmpty() ? null : merged;
  }

  private static boolean compatible(Match root, Match rule) {
    return !(root.ignoreUriCase() && !rule.ignoreUriCase() && rule.uri() != null)
        && within(root.uri(), rule.uri())
        && within(root.scheme(), rule.scheme())
        && within(root.method(), rule.method())
        && within(root.authority(), rule.authority())
        && within(root.headers(), rule.headers())
        && within(root.withoutHeaders(), rule.withoutHeaders())
        && within(root.queryParams(), rule.queryParams())
        && compatible(root.client(), rule.client());
  }

  private static boolean compatible(Client root, Client rule) {
    boolean ports = root.port() == 0 || rule.port() == 0 || root.port() == rule.port();
    boolean namespaces =
        root.sourceNamespace().isEmpty()
            || rule.sourceNamespace().isEmpty()
            || root.sourceNamespace().equals(rule.sourceNamespace());
    boolean labels =
        rule.sourceLabels().entrySet().stream()
            .allMatch(
                e ->
                    e.getValue()
                        .equals(root.sourceLabels().getOrDefault(e.getKey(), e.getValue())));
    return ports && namespaces && labels;
  }

  private static boolean within(Map<String, TextMatch> root, Map<String, TextMatch> rule) {
    return root.entrySet().stream().allMatch(e -> within(e.getValue(), rule.get(e.getKey())));
  }

  /// Whether what the rule asks is a part of what the outer rule asks. Two conditions of which one
  /// is a regular expression are not compared: they cannot stand together.
  private static boolean within(@Nullable TextMatch root, @Nullable TextMatch rule) {
    if (root == null || rule == null || root.type() == Comparison.PRESENT) {
      return true;
    }
    return switch (root.type()) {
      case PREFIX ->
          (rule.type() == Comparison.PREFIX || rule.type() == Comparison.EXACT)
              && rule.value().startsWith(root.value());
      case EXACT -> rule.equals(root);
      case REGEX, PRESENT -> false;
    };
  }

  private static Match merge(Match root, Match rule) {
    Client outer = root.client();
    Client inner = rule.client();
    return new Match(
        name(root.name(), rule.name()),
        or(rule.uri(), root.uri()),
        rule.uri() == null ? root.ignoreUriCase() : rule.ignoreUriCase(),
        or(rule.scheme(), root.scheme()),
        or(rule.method(), root.method()),
        or(rule.authority(), root.authority()),
        union(root.headers(), rule.headers()),
        union(root.withoutHeaders(), rule.withoutHeaders()),
        union(root.queryParams(), rule.queryParams()),
        new Client(
            Math.max(outer.port(), inner.port()),
            union(outer.sourceLabels(), inner.sourceLabels()),
            Objects.requireNonNull(
                inner.sourceNamespace().isEmpty()
                    ? outer.sourceNamespace()
                    : inner.sourceNamespace()),
            inner.gateways().isEmpty() ? outer.gateways() : inner.gateways()));
  }

  private static <V> Map<String, V> union(Map<String, V> root, Map<String, V> rule) {
    Map<String, V> all = new HashMap<>(root);
    all.putAll(rule);
    return Map.copyOf(all);
  }
}
