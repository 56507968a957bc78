package dev.kiri.hbone.gates;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/// Bytes that threads have allocated so far: exact, and independent of time.
final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long[] threads;

  private Allocations(long... threads) {
    this.threads = threads;
  }

  /// Those of all threads that live now and whose name begins with one of `prefixes`.
  static Allocations of(String... prefixes) {
    var threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> Arrays.stream(prefixes).anyMatch(t.getName()::startsWith))
            .mapToLong(Thread::threadId)
            .toArray();
    assertThat(threads).as("threads").hasSizeGreaterThanOrEqualTo(prefixes.length);
    return new Allocations(threads);
  }

  static Allocations ofThisThread() {
    return new Allocations(Thread.currentThread().threadId());
  }

  long bytes() {
    return Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).sum();
  }
}
