package dev.kiri.ops.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// Memory that the C library keeps after somebody has freed it: the compiler's and the start's,
/// most of all. Thread-safe.
@SuppressWarnings("restricted") // native access is granted on the command line
public final class NativeHeap {
  /// glibc's (malloc_trim(3)); other C libraries have none and keep little.
  private static final @Nullable MethodHandle TRIM =
      Linker.nativeLinker()
          .defaultLookup()
          .find("malloc_trim")
          .map(
              symbol ->
                  Linker.nativeLinker()
                      .downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, JAVA_LONG)))
          .orElse(null);

  private NativeHeap() {}

  /// Gives all of it back to the system. Takes milliseconds, during which who allocates may wait.
  ///
  /// @return whether there was any
  public static boolean trim() {
    if (TRIM == null) {
      return false;
    }
    try {
      return (int) TRIM.invokeExact(0L) == 1;
    } catch (Throwable e) { // what a method handle declares
      throw new IllegalStateException("malloc_trim", e);
    }
  }
}
