package dev.kiri.bench;

import tools.jackson.databind.json.JsonMapper;

/// What a training run for the start-up cache exercises: reports, which need no mesh.
final class Training {
  private Training() {}

  static void run() {
    var results = new Results();
    results.add("T1", Variant.DIRECT, "Gbit/s", 2);
    results.add("T1", Variant.MESH, "Gbit/s", 1);
    if (!results.markdown().contains("0.50")) {
      throw new IllegalStateException(
          "a ratio is wrong: " + JsonMapper.shared().writeValueAsString(results.objects()));
    }
  }
}
