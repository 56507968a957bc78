package dev.kiri.controlplane.waypointconfig;

import java.util.List;

/// Which namespaces an object is for, by its `exportTo`: `*`, `.` or names; none means every one.
/// Pure.
final class Exports {
  private Exports() {}

  /// The namespaces by name, sorted; none for every one.
  static List<String> namespaces(List<String> exportTo, String own) {
    return exportTo.contains("*")
        ? List.of()
        : exportTo.stream().map(one -> one.equals(".") ? own : one).distinct().sorted().toList();
  }

  static boolean reach(List<String> exportTo, String own, String namespace) {
    List<String> named = namespaces(exportTo, own);
    return named.isEmpty() || named.contains(namespace);
  }
}
