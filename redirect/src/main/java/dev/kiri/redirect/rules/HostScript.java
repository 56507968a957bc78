package dev.kiri.redirect.rules;

/// The node's own rules as text for `nft -f -`. Pure.
///
/// What a process of the node itself sends to an enrolled pod (the kubelet's probes, above all)
/// gets an address of its own, by which the pod's rules exempt it. Forwarded traffic has no local
/// socket and so no user: `meta skuid >= 0` tells the two apart.
final class HostScript {
  static final String TABLE = "istio-ambient-nat";
  static final String SET4 = "istio-inpod-probes-v4";
  static final String SET6 = "istio-inpod-probes-v6";

  private HostScript() {}

  /// Puts table, sets and chain in place without touching the sets' elements.
  static NftScript apply(CaptureSettings settings) {
    var marker = NftScript.markerOf(body(settings, ""));
    return new NftScript(body(settings, marker), marker);
  }

  static String remove() {
    return "add table inet %s\ndelete table inet %s\n".formatted(TABLE, TABLE);
  }

  private static String body(CaptureSettings settings, String marker) {
    var text = new StringBuilder("add table inet " + TABLE + "\n");
    text.append(addSet(SET4, "ipv4_addr"));
    if (settings.ipv6()) {
      text.append(addSet(SET6, "ipv6_addr"));
    }
    text.append(
        "add chain inet %s postrouting { type nat hook postrouting priority 100 ; }\n"
            .formatted(TABLE));
    text.append("flush chain inet %s postrouting\n".formatted(TABLE));
    text.append(snat("ip", SET4, settings.probe4().getHostAddress(), marker));
    if (settings.ipv6()) {
      text.append(snat("ip6", SET6, settings.probe6().getHostAddress(), marker));
    }
    return text.toString();
  }

  private static String addSet(String name, String type) {
    return "add set inet %s %s { type %s ; comment \"UUID of the pods that are part of ambient mesh\" ; }\n"
        .formatted(TABLE, name, type);
  }

  private static String snat(String family, String set, String source, String marker) {
    return "add rule inet %s postrouting meta l4proto tcp meta skuid >= 0 %s daddr @%s counter snat %s to %s comment \"%s\"\n"
        .formatted(TABLE, family, set, family, source, marker);
  }
}
