package dev.kiri.mesh.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionedMapTest {

  /// A key whose hash the test chooses, so that runs and collisions happen.
  private record Key(int number, int hash) {
    @Override
    public int hashCode() {
      return hash;
    }
  }

  private static Map<Key, Integer> contents(PartitionedMap<Key, Integer> map) {
    var contents = new HashMap<Key, Integer>();
    map.forEach(contents::put);
    return contents;
  }

  @ParameterizedTest(name = "hashes below {0}")
  @ValueSource(ints = {1, 7, 100, 1_000_000})
  void behaves_as_a_hash_map_and_old_versions_stay_as_they_were(int hashes) {
    var random = new Random(hashes);
    var model = new HashMap<Key, Integer>();
    PartitionedMap<Key, Integer> map = PartitionedMap.empty();
    int keys = hashes == 1 ? 40 : 3_000;
    for (int round = 0; round < 60; round++) {
      var before = map;
      var expectedBefore = new HashMap<>(model);
      var editor = map.edit();
      boolean growing = round % 20 < 10;
      for (int step = 0; step < 200; step++) {
        int number = random.nextInt(keys);
        var key = new Key(number, number % hashes);
        if (random.nextInt(10) < (growing ? 8 : 2)) {
          editor.set(key, step);
          model.put(key, step);
        } else {
          editor.set(key, null);
          model.remove(key);
        }
        assertThat(editor.get(key)).isEqualTo(model.get(key));
      }
      map = editor.done();

      assertThat(contents(map)).isEqualTo(model);
      assertThat(map.size()).isEqualTo(model.size());
      assertThat(contents(before)).isEqualTo(expectedBefore);
      for (var entry : model.entrySet()) {
        assertThat(map.get(entry.getKey())).isEqualTo(entry.getValue());
      }
    }
  }

  @Test
  void an_edit_without_change_is_the_same_map() {
    var map = PartitionedMap.<String, Integer>empty();

    var editor = map.edit();
    editor.set("none", null);

    assertThat(editor.done()).isSameAs(map);
  }
}
