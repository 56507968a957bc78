package dev.kiri.bench.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.SourceListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedSourceTest {
  private static final ObjectChange OTHER =
      new ObjectChange.Gone(new ObjectKey(Kind.POD, "ns", "other"));

  private final List<List<ObjectChange>> batches = new ArrayList<>();

  /// Tells of two batches.
  private static final class Two implements ObjectSource {
    @Override
    public void start(SourceListener listener) {
      listener.changed(List.of(OTHER));
      listener.changed(List.of(OTHER));
    }

    @Override
    public void catchUp() {}

    @Override
    public void close() {}
  }

  @Test
  void everything_that_is_made_up_comes_with_the_first_batch_of_the_other_source() {
    new GeneratedSource(20, 4, new Two())
        .start(
            new SourceListener() {
              @Override
              public void changed(List<ObjectChange> changes) {
                batches.add(changes);
              }

              @Override
              public void problems(List<Problem> problems) {}
            });

    assertThat(batches).hasSize(2);
    assertThat(batches.getFirst())
        .allMatch(change -> change instanceof ObjectChange.Put || change.equals(OTHER))
        .filteredOn(change -> change.key().kind() == Kind.POD)
        .hasSize(21);
    assertThat(batches.getFirst())
        .filteredOn(change -> change.key().kind() == Kind.SERVICE)
        .hasSize(4);
    assertThat(batches.getLast()).containsExactly(OTHER);
  }
}
