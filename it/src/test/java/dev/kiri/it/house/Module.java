package dev.kiri.it.house;

import java.util.List;
import java.util.stream.Stream;

/// A module and what it may import of the others: `docs/architecture.md`, "Rooms". A whole module
/// is named by its package, a part of one by the packages of that part.
enum Module {
  HBONE("hbone"),
  MESH("mesh", "hbone.identity"),
  OPS("ops"),
  REDIRECT("redirect", "ops"),
  ZTUNNEL("ztunnel", "hbone", "mesh", "ops", "redirect.zds", "redirect.netns"),
  WAYPOINT("waypoint", "hbone", "mesh", "ops"),
  CONTROLPLANE("controlplane", "hbone.identity", "mesh", "ops", "waypoint.config.v1"),
  LOCAL("local", "hbone", "mesh", "ops", "redirect", "ztunnel", "waypoint", "controlplane"),
  CLI("cli", "controlplane", "local", "ops"),
  BENCH(
      "bench",
      "hbone",
      "mesh",
      "ops",
      "redirect",
      "ztunnel",
      "waypoint",
      "controlplane",
      "local",
      "cli");

  static final String ROOT = "dev.kiri.";

  private final String folder;
  private final List<String> knows;

  Module(String folder, String... knows) {
    this.folder = folder;
    this.knows = List.of(knows);
  }

  /// ArchUnit's pattern for the packages of this module.
  String packages() {
    return ROOT + folder + "..";
  }

  /// Patterns for the packages this module may import.
  String[] mayImport() {
    return Stream.concat(Stream.of(folder), knows.stream())
        .map(part -> ROOT + part + "..")
        .toArray(String[]::new);
  }
}
