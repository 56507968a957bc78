package dev.kiri.controlplane.xds;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/// Reads the text of a NACK: `NAME: REASON; NAME: REASON`, as ztunnel and our proxies write it
/// (istio/ztunnel src/xds/client.rs, which joins its rejects so). Pure.
final class RefusalText {
  /// Stands for a text that names no resource.
  static final String UNNAMED = "";

  private static final String BETWEEN = "; ";

  private RefusalText() {}

  /// Reasons by name. A reason may itself hold what stands between two of them, so that only a
  /// known name begins the next one.
  static Map<String, String> read(String text, Predicate<String> isName) {
    Map<String, String> reasons = new LinkedHashMap<>();
    String name = UNNAMED;
    for (String part : text.split(BETWEEN, -1)) {
      int colon = part.indexOf(": ");
      boolean begins = colon > 0 && isName.test(part.substring(0, colon));
      if (begins) {
        name = part.substring(0, colon);
      }
      String reason = begins ? part.substring(colon + 2) : part;
      reasons.merge(name, reason, (before, more) -> before + BETWEEN + more);
    }
    return reasons;
  }
}
