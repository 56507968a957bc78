package dev.kiri.redirect.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Links C library functions so that `errno` comes back with the result. Immutable.
final class Downcall {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private Downcall() {}

  /// A handle whose first argument is the segment made by [#state].
  // Restricted: a wrong descriptor corrupts memory. Each descriptor of this package is one of the C
  // library's documented prototypes and has a test that makes the call.
  @SuppressWarnings("restricted")
  static MethodHandle link(String name, FunctionDescriptor descriptor, Linker.Option... options) {
    var all = new Linker.Option[options.length + 1];
    all[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(options, 0, all, 1, options.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
  }

  /// One use of a handle: the arena lives as long as the call, the state goes first.
  interface Use {
    long in(Arena arena, MemorySegment state) throws Throwable;
  }

  /// Makes the call, again while it is interrupted by a signal.
  ///
  /// @throws LinuxException when the result is negative
  static long run(String call, Use use) throws LinuxException {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      while (true) {
        var result = use.in(arena, state);
        if (result >= 0) {
          return result;
        }
        var errno = (int) ERRNO.get(state, 0L);
        if (errno != Errno.EINTR) {
          throw new LinuxException(call, errno);
        }
      }
    } catch (LinuxException | RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable thrown) {
      throw new AssertionError("a C function cannot throw", thrown);
    }
  }
}
