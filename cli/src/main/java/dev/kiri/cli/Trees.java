package dev.kiri.cli;

import dev.kiri.cli.dump.Element;
import java.util.List;
import java.util.Map;

/// What JSON and YAML are made of.
final class Trees {
  private Trees() {}

  static List<Map<String, Object>> of(List<Element> elements) {
    return elements.stream().map(Element::fields).toList();
  }
}
