package dev.kiri.redirect.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Files and namespaces. All calls act on the calling operating system thread; see the package for
/// the threading rule.
public final class Linux {
  /// `CLONE_NEWNET`: the network namespace.
  public static final int NETWORK_NAMESPACE = 0x40000000;

  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BYTES = 256;
  // linux/nsfs.h: _IO(0xb7, 0x3)
  private static final long NS_GET_NSTYPE = 0xb703;

  private static final MethodHandle OPEN =
      Downcall.link(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      Downcall.link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SETNS =
      Downcall.link("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle UNSHARE =
      Downcall.link("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      Downcall.link(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle STATX =
      Downcall.link(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle IOCTL =
      Downcall.link(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));

  private Linux() {}

  /// Identity of a file: what tells one network namespace from another.
  public record FileIdentity(long device, long inode) {}

  /// Opens for reading, close-on-exec.
  public static Fd open(Path path) throws LinuxException {
    return Fd.own(
        (int)
            Downcall.run(
                "open(" + path + ")",
                (arena, state) ->
                    (int)
                        OPEN.invokeExact(
                            state, arena.allocateFrom(path.toString()), O_RDONLY_CLOEXEC, 0)));
  }

  static void close(int number) {
    try {
      Downcall.run("close", (_, state) -> Math.max(0, (int) CLOSE.invokeExact(state, number)));
    } catch (LinuxException _) {
      // The descriptor is gone whatever close answers (close(2), "Dealing with error returns").
    }
  }

  /// Moves the calling thread into the network namespace behind the descriptor.
  public static void setns(Fd namespace) throws LinuxException {
    requirePlatformThread();
    Downcall.run(
        "setns",
        (_, state) -> (int) SETNS.invokeExact(state, namespace.number(), NETWORK_NAMESPACE));
  }

  /// Moves the calling thread into new namespaces, given as `CLONE_NEW*` flags.
  public static void unshare(int flags) throws LinuxException {
    requirePlatformThread();
    Downcall.run("unshare", (_, state) -> (int) UNSHARE.invokeExact(state, flags));
  }

  static Fd duplicate(Fd fd) throws LinuxException {
    return Fd.own(
        (int)
            Downcall.run(
                "fcntl(F_DUPFD_CLOEXEC)",
                (_, state) -> (int) FCNTL.invokeExact(state, fd.number(), F_DUPFD_CLOEXEC, 0)));
  }

  /// Device and inode of an open file (`statx`, whose layout is the same on every architecture).
  public static FileIdentity identity(Fd fd) throws LinuxException {
    try (var memory = Arena.ofConfined()) {
      var stat = memory.allocate(STATX_BYTES, 8);
      Downcall.run(
          "statx",
          (arena, state) ->
              (int)
                  STATX.invokeExact(
                      state,
                      fd.number(),
                      arena.allocateFrom(""),
                      AT_EMPTY_PATH,
                      STATX_BASIC_STATS,
                      stat));
      var device = ((long) stat.get(JAVA_INT, 136) << 32) | (stat.get(JAVA_INT, 140) & 0xffffffffL);
      return new FileIdentity(device, stat.get(JAVA_LONG, 32));
    }
  }

  /// The `CLONE_NEW*` flag of a namespace descriptor; fails with `ENOTTY` or `EINVAL` when it is
  /// none.
  public static int namespaceType(Fd fd) throws LinuxException {
    return ioctl(fd, NS_GET_NSTYPE, MemorySegment.NULL);
  }

  /// Any other `ioctl`, with a pointer argument.
  public static int ioctl(Fd fd, long request, MemorySegment argument) throws LinuxException {
    return (int)
        Downcall.run(
            "ioctl(0x" + Long.toHexString(request) + ")",
            (_, state) -> (int) IOCTL.invokeExact(state, fd.number(), request, argument));
  }

  private static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a namespace belongs to an operating system thread: a virtual thread would move its"
              + " carrier");
    }
  }
}
