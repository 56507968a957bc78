package dev.kiri.redirect.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What our tables hold in a namespace, as `nft -j list ruleset inet` tells. Pure.
///
/// @param tables by name: the marker found, and how many rules each chain has
record InstalledRules(Map<String, Table> tables) {
  private static final JsonMapper JSON = JsonMapper.shared();

  InstalledRules {
    tables = Map.copyOf(tables);
  }

  record Table(@Nullable String marker, Map<String, Long> rulesOfChain) {
    Table {
      rulesOfChain = Map.copyOf(rulesOfChain);
    }
  }

  static InstalledRules parse(String json) throws RulesException {
    try {
      var markers = new HashMap<String, String>();
      var counts = new HashMap<String, Map<String, Long>>();
      for (var item : JSON.readTree(json).path("nftables")) {
        var name = item.path("table").path("name").asString("");
        if (!name.isEmpty()) {
          counts.computeIfAbsent(name, _ -> new HashMap<>());
        }
        var rule = item.path("rule");
        if (!rule.isMissingNode()) {
          var table = rule.path("table").asString("");
          counts
              .computeIfAbsent(table, _ -> new HashMap<>())
              .merge(rule.path("chain").asString(""), 1L, Long::sum);
          var comment = rule.path("comment").asString("");
          if (comment.startsWith(NftScript.MARKER_PREFIX)) {
            markers.put(table, comment);
          }
        }
      }
      return new InstalledRules(
          counts.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey,
                      entry -> new Table(markers.get(entry.getKey()), entry.getValue()))));
    } catch (JacksonException malformed) {
      throw new RulesException("nft printed no JSON that is understood", malformed);
    }
  }

  /// Whether exactly these rules are in force: each table with its marker and all of its rules, and
  /// no table more.
  boolean are(RuleSet set, String marker) {
    for (var table : RuleTable.values()) {
      var wanted = set.of(table);
      var found = tables.get(table.nftName());
      if (wanted.isEmpty() != (found == null)) {
        return false;
      }
      if (found != null
          && !(marker.equals(found.marker()) && found.rulesOfChain().equals(countsOf(wanted)))) {
        return false;
      }
    }
    return true;
  }

  /// Whether nothing of ours is there.
  boolean areNone() {
    for (var table : RuleTable.values()) {
      if (tables.containsKey(table.nftName())) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, Long> countsOf(java.util.List<Rule> rules) {
    return rules.stream()
        .map(rule -> rule.chain().nftName())
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }
}
