package dev.kiri.controlplane.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final Graph graph = new Graph();
  private final Input<String, Integer> numbers = graph.input("numbers");
  private final Input<String, Integer> factors = graph.input("factors");
  private final Index<Boolean, String, Integer> byEven =
      factors.index(number -> List.of(number % 2 == 0));
  private final List<String> computed = new ArrayList<>();
  private final Derived<String, Integer, Integer> products =
      graph.derive(
          "products",
          numbers,
          (key, number, reader) -> {
            computed.add(key);
            Integer factor = reader.get(factors, key);
            return factor == null ? null : number * factor;
          });

  @Test
  void a_row_is_recomputed_when_what_it_read_appears_changes_and_goes() {
    numbers.put("a", 3);
    graph.settle();
    assertThat(products.rows()).isEmpty();

    factors.put("a", 2);
    graph.settle();
    assertThat(products.rows()).containsEntry("a", 6);

    factors.put("a", null);
    graph.settle();
    assertThat(products.rows()).isEmpty();
  }

  @Test
  void rows_that_read_nothing_that_changed_are_left_alone() {
    numbers.put("a", 3);
    numbers.put("b", 4);
    factors.put("a", 1);
    factors.put("b", 1);
    graph.settle();
    computed.clear();

    factors.put("b", 5);
    assertThat(graph.settle()).isEqualTo(1);

    assertThat(computed).containsExactly("b");
  }

  @Test
  void an_equal_result_stops_the_wave() {
    List<String> later = new ArrayList<>();
    graph.derive(
        "signs",
        products,
        (key, product, _) -> {
          later.add(key);
          return product > 0;
        });
    numbers.put("a", 2);
    factors.put("a", 6);
    graph.settle();
    later.clear();

    numbers.put("a", 6);
    factors.put("a", 2);
    graph.settle();

    assertThat(later).isEmpty();
  }

  @Test
  void an_index_entry_is_a_dependency_of_its_own() {
    Derived<String, Integer, Integer> evens =
        graph.derive("evens", numbers, (_, _, reader) -> reader.find(byEven, true).size());
    numbers.put("a", 1);
    factors.put("x", 2);
    graph.settle();
    assertThat(evens.rows()).containsEntry("a", 1);

    factors.put("y", 3);
    assertThat(graph.settle()).isZero();
    factors.put("y", 4);
    graph.settle();

    assertThat(evens.rows()).containsEntry("a", 2);
  }

  @Test
  void listeners_hear_the_net_change_of_a_settling() {
    List<Table.Change<String, Integer>> heard = new ArrayList<>();
    numbers.onChange(heard::addAll);
    numbers.put("a", 1);
    numbers.put("a", 2);
    numbers.put("b", 1);
    numbers.put("b", null);
    graph.settle();

    assertThat(heard).containsExactly(new Table.Change<>("a", null, 2));
  }

  @Test
  void a_rule_that_reads_a_later_table_is_a_mistake() {
    Input<String, Integer> late = new Graph().input("late");
    Graph other = new Graph();
    Input<String, Integer> first = other.input("first");
    other.derive("reads", first, (key, _, reader) -> reader.get(products, key));
    first.put("a", 1);

    assertThat(late.rows()).isEmpty();
    assertThatThrownBy(other::settle).hasMessageContaining("products");
  }

  @Test
  void a_row_that_read_a_range_is_recomputed_for_what_is_in_it_and_nothing_else() {
    Input<String, Integer> ages = graph.input("ages");
    SortedIndex<Integer, String, Integer> byAge = ages.sortedIndex(List::of);
    List<String> asked = new ArrayList<>();
    Derived<String, Integer, List<Integer>> near =
        graph.derive(
            "near",
            numbers,
            (key, number, reader) -> {
              asked.add(key);
              return reader.within(byAge, number - 1, number + 1).toList();
            });
    numbers.put("a", 10);
    numbers.put("b", 20);
    ages.put("x", 11);
    ages.put("y", 9);
    ages.put("z", 12);
    graph.settle();
    assertThat(near.rows()).containsEntry("a", List.of(9, 11)).containsEntry("b", List.of());
    asked.clear();

    ages.put("z", 21);
    ages.put("w", 12);
    graph.settle();
    assertThat(asked).containsExactly("b");
    assertThat(near.rows()).containsEntry("b", List.of(21));

    ages.put("x", null);
    graph.settle();
    assertThat(asked).containsExactly("b", "a");
    assertThat(near.rows()).containsEntry("a", List.of(9));
  }

  @Test
  void a_row_that_read_an_index_of_parts_does_not_depend_on_the_rest() {
    record Person(String town, int age) {}
    Input<String, Person> people = graph.input("people");
    Index<String, String, String> byTown = people.index(Person::town, List::of);
    Derived<String, Integer, Integer> crowds =
        graph.derive("crowds", numbers, (key, _, reader) -> reader.find(byTown, key).size());
    numbers.put("here", 0);
    people.put("x", new Person("here", 30));
    graph.settle();
    assertThat(crowds.rows()).containsEntry("here", 1);

    people.put("x", new Person("here", 31));
    assertThat(graph.settle()).isZero();

    people.put("x", new Person("there", 31));
    assertThat(graph.settle()).isEqualTo(1);
    assertThat(crowds.rows()).containsEntry("here", 0);
  }

  @Test
  void a_range_of_one_entry_follows_that_entry() {
    Input<String, Integer> ages = graph.input("ages");
    SortedIndex<Integer, String, Integer> byAge = ages.sortedIndex(List::of);
    Derived<String, Integer, Long> same =
        graph.derive(
            "same", numbers, (_, number, reader) -> reader.within(byAge, number, number).count());
    numbers.put("a", 10);
    graph.settle();

    ages.put("x", 11);
    assertThat(graph.settle()).isZero();
    ages.put("y", 10);
    assertThat(graph.settle()).isEqualTo(1);
    assertThat(same.rows()).containsEntry("a", 1L);
  }
}
