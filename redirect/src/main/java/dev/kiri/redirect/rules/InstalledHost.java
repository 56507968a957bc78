package dev.kiri.redirect.rules;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What our table holds in the node's namespace, as `nft -j list ruleset inet` tells. Pure.
///
/// @param markers the markers of its rules
/// @param rules how many rules it has
/// @param sets the names of its sets
/// @param probes their elements
record InstalledHost(Set<String> markers, int rules, Set<String> sets, ProbeSet probes) {
  static final InstalledHost NONE = new InstalledHost(Set.of(), 0, Set.of(), ProbeSet.EMPTY);

  private static final JsonMapper JSON = JsonMapper.shared();

  InstalledHost {
    markers = Set.copyOf(markers);
    sets = Set.copyOf(sets);
  }

  static InstalledHost parse(String json) throws RulesException {
    var markers = new HashSet<String>();
    var sets = new HashSet<String>();
    var owners = new HashMap<InetAddress, String>();
    var rules = 0;
    try {
      for (var item : JSON.readTree(json).path("nftables")) {
        if (ours(item.path("rule"))) {
          rules++;
          markers.add(item.path("rule").path("comment").asString(""));
        } else if (ours(item.path("set"))) {
          sets.add(item.path("set").path("name").asString(""));
          item.path("set").path("elem").forEach(element -> addElement(owners, element));
        }
      }
    } catch (JacksonException malformed) {
      throw new RulesException("nft printed no JSON that is understood", malformed);
    }
    return new InstalledHost(markers, rules, sets, new ProbeSet(owners));
  }

  /// Whether these rules are in force.
  boolean isCurrent(CaptureSettings settings, String marker) {
    var families = settings.ipv6() ? 2 : 1;
    return rules == families && sets.size() == families && markers.equals(Set.of(marker));
  }

  /// Whether there is a table of ours whose sets are not those of these settings.
  boolean isForeign(CaptureSettings settings) {
    var expected =
        settings.ipv6() ? Set.of(HostScript.SET4, HostScript.SET6) : Set.of(HostScript.SET4);
    return !sets.isEmpty() && !sets.equals(expected);
  }

  private static boolean ours(JsonNode item) {
    return item.path("table").asString("").equals(HostScript.TABLE);
  }

  // With a comment an element is an object, without one it is the bare value.
  private static void addElement(HashMap<InetAddress, String> owners, JsonNode element) {
    var plain = element.path("elem");
    if (plain.isMissingNode()) {
      owners.put(InetAddress.ofLiteral(element.asString("")), "");
    } else {
      owners.put(
          InetAddress.ofLiteral(plain.path("val").asString("")),
          plain.path("comment").asString(""));
    }
  }
}
