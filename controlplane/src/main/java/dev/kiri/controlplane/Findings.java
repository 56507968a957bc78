package dev.kiri.controlplane;

import dev.kiri.controlplane.graph.Table.Change;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log what is odd about objects, once for each change.
final class Findings {
  private static final Logger LOG = LoggerFactory.getLogger("index");

  private Findings() {}

  static void log(List<Change<String, List<String>>> changes) {
    for (Change<String, List<String>> change : changes) {
      List<String> now = change.after();
      if (now != null) {
        now.forEach(text -> LOG.warn("{}", text));
      }
    }
  }
}
