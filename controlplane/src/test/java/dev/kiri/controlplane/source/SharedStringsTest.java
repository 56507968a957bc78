package dev.kiri.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedStringsTest {
  private final SharedStrings strings = new SharedStrings();

  /// A string that is equal to no other one by identity.
  private static String text(String text) {
    return String.valueOf(text.toCharArray());
  }

  @Test
  void a_tree_stays_what_it_was() {
    Map<String, Object> tree = new HashMap<>();
    tree.put("number", 1);
    tree.put("flag", true);
    tree.put("none", null);
    tree.put("list", Arrays.asList("a", null, Map.of("b", List.of())));
    tree.put("long", "x".repeat(1000));

    assertThat(strings.of(tree)).isEqualTo(tree);
  }

  @Test
  void equal_strings_of_two_trees_are_one() {
    Object first = strings.of(Map.of("node", text("node-1"))).get("node");
    for (int i = 0; i < 100; i++) {
      strings.of(Map.of("name", "pod-" + i));
    }
    Object second = strings.of(Map.of("node", text("node-1"))).get("node");

    assertThat(second).isSameAs(first);
  }
}
