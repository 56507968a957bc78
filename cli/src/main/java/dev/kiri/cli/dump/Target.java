package dev.kiri.cli.dump;

/// The pod a question is about.
public record Target(String namespace, String name) {

  boolean isWorkload(Element workload) {
    return workload.text("name").equalsIgnoreCase(name)
        && workload.text("namespace").equals(namespace);
  }

  boolean isState(Element state) {
    var info = state.element("info");
    return info.text("name").equalsIgnoreCase(name) && info.text("namespace").equals(namespace);
  }
}
