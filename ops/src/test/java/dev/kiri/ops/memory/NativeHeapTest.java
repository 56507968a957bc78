package dev.kiri.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
  private static final int PIECE = 64 << 10; // below what glibc maps piece by piece
  private static final int PIECES = 500;

  @Test
  void what_was_freed_below_something_that_is_still_used_goes_back() {
    Assumptions.assumeTrue(
        Linker.nativeLinker().defaultLookup().find("malloc_trim").isPresent(), "not glibc");
    NativeHeap.trim();
    try (var kept = Arena.ofConfined()) {
      try (var freed = Arena.ofConfined()) {
        for (int i = 0; i < PIECES; i++) {
          freed.allocate(PIECE).fill((byte) 1);
        }
        kept.allocate(PIECE).fill((byte) 1);
      }

      assertThat(NativeHeap.trim()).isTrue();
    }
  }
}
