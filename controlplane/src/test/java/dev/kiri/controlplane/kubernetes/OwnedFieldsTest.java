package dev.kiri.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnedFieldsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a: 1, b: 2} | {'f:a': {}} | {a: 1}",
        "{a: {b: 1, c: 2}} | {'f:a': {'.': {}, 'f:c': {}}} | {a: {c: 2}}",
        "{a: {b: 1, c: 2}} | {'f:a': {'.': {}}} | {a: {b: 1, c: 2}}",
        "{a: [x, y]} | {'f:a': {}} | {a: [x, y]}",
        "{a: [x, y]} | {'f:a': {'v:\"y\"': {}}} | {a: [y]}",
        "{a: [{k: 1, v: 2}, {k: 2, v: 3}]} | {'f:a': {'k:{\"k\":2}': {'.': {}, 'f:k': {}, 'f:v':"
            + " {}}}} | {a: [{k: 2, v: 3}]}",
        "{a: [{k: 1}]} | {'f:a': {'k:nonsense': {}}} | {a: []}",
        "{a: 1} | {'f:b': {}} | {}"
      })
  void the_part_of_a_tree_that_a_field_manager_owns(String tree, String owned, String part) {
    assertThat(OwnedFields.of(map(tree), map(owned))).isEqualTo(map(part));
  }

  private static Map<?, ?> map(String text) {
    return (Map<?, ?>) Objects.parse(text).getFirst();
  }
}
