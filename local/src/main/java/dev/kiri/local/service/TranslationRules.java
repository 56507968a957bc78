package dev.kiri.local.service;

import dev.kiri.local.service.Backends.Backend;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The nftables rules by which a node translates service addresses, as kube-proxy would: for pods
/// outside the mesh and for what ztunnel passes through. One table, replaced in one transaction.
/// Pure.
public final class TranslationRules {
  static final String TABLE = "inet kiri-services";

  private final StringBuilder chains = new StringBuilder();
  private final List<String> jumps = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  private final Set<String> hairpins4 = new LinkedHashSet<>();
  private final Set<String> hairpins6 = new LinkedHashSet<>();

  private TranslationRules() {}

  /// @param node the node the rules are for, for node-local traffic policies
  /// @param nodeAddresses its own addresses, on which node ports answer
  public static String text(List<Backends> all, String node, List<String> nodeAddresses) {
    var rules = new TranslationRules();
    for (int i = 0; i < all.size(); i++) {
      rules.add(i, all.get(i), node, nodeAddresses);
    }
    return rules.text();
  }

  private void add(int number, Backends backends, String node, List<String> nodeAddresses) {
    boolean six = backends.addresses().getFirst().contains(":");
    var family = six ? "ip6" : "ip";
    var ready = backends.on(node);
    var matches = new ArrayList<String>();
    for (var address : backends.addresses()) {
      matches.add(
          family + " daddr " + address + " " + backends.protocol() + " dport " + backends.port());
    }
    if (backends.nodePort() > 0) {
      for (var address : nodeAddresses) {
        if (address.contains(":") == six) {
          matches.add(
              family
                  + " daddr "
                  + address
                  + " "
                  + backends.protocol()
                  + " dport "
                  + backends.nodePort());
        }
      }
    }
    for (var match : matches) {
      if (ready.isEmpty()) {
        refusals.add(
            match
                + " reject with icmpx port-unreachable comment \""
                + backends.service()
                + " has no endpoints\"");
      } else {
        jumps.add(match + " goto s" + number + " comment \"" + backends.service() + "\"");
      }
    }
    if (!ready.isEmpty()) {
      chain(number, backends, ready, family);
      ready.forEach(b -> (six ? hairpins6 : hairpins4).add(b.address() + " . " + b.address()));
    }
  }

  private void chain(int number, Backends backends, List<Backend> ready, String family) {
    var choice =
        backends.sameClient()
            ? "jhash " + family + " saddr mod " + ready.size()
            : "numgen random mod " + ready.size();
    var map = new ArrayList<String>();
    for (int i = 0; i < ready.size(); i++) {
      map.add(i + " : " + ready.get(i).address() + " . " + ready.get(i).port());
    }
    chains
        .append("  chain s")
        .append(number)
        .append(" {\n    ")
        .append("meta l4proto ")
        .append(backends.protocol())
        .append(" dnat ")
        .append(family)
        .append(" to ")
        .append(choice)
        .append(" map { ")
        .append(String.join(", ", map))
        .append(" }\n")
        .append("  }\n");
  }

  private String text() {
    var out = new StringBuilder();
    out.append("add table ").append(TABLE).append("\ndelete table ").append(TABLE).append('\n');
    out.append("table ").append(TABLE).append(" {\n").append(chains);
    hook(out, "services", "", jumps);
    hook(
        out,
        "prerouting",
        "type nat hook prerouting priority -100; policy accept;",
        List.of("jump services"));
    hook(
        out,
        "output",
        "type nat hook output priority -100; policy accept;",
        List.of("jump services"));
    hook(out, "refused", "", refusals);
    hook(
        out,
        "forward",
        "type filter hook forward priority 0; policy accept;",
        List.of("jump refused"));
    hook(
        out,
        "local-output",
        "type filter hook output priority 0; policy accept;",
        List.of("jump refused"));
    var masquerades = new ArrayList<String>();
    if (!hairpins4.isEmpty()) {
      masquerades.add(
          "ip saddr . ip daddr { " + String.join(", ", hairpins4) + " } ct status dnat masquerade");
    }
    if (!hairpins6.isEmpty()) {
      masquerades.add(
          "ip6 saddr . ip6 daddr { "
              + String.join(", ", hairpins6)
              + " } ct status dnat masquerade");
    }
    hook(out, "postrouting", "type nat hook postrouting priority 100; policy accept;", masquerades);
    return out.append("}\n").toString();
  }

  private static void hook(StringBuilder out, String name, String declaration, List<String> rules) {
    out.append("  chain ").append(name).append(" {\n");
    if (!declaration.isEmpty()) {
      out.append("    ").append(declaration).append('\n');
    }
    rules.forEach(r -> out.append("    ").append(r).append('\n'));
    out.append("  }\n");
  }
}
