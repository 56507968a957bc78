package dev.kiri.local.mesh;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.kiri.local.api.MeshException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/// Looks at every packet that crosses the wire between the nodes, for a while: a packet socket
/// (packet(7)) in the supervisor's own network namespace, where the wire is. One platform thread a
/// capture.
final class Capture {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int ALL_PROTOCOLS = 0x0300; // ETH_P_ALL in network order
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int FRAME = 65_536;

  private final MethodHandle socket = link("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle setsockopt =
      link("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle recv = link("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle close = link("close", JAVA_INT, JAVA_INT);

  private final CapturedTraffic traffic;

  private Capture(String needle) {
    this.traffic = new CapturedTraffic(needle);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link(String name, ValueLayout result, ValueLayout... arguments) {
    var linker = Linker.nativeLinker();
    var address = linker.defaultLookup().findOrThrow(name);
    return linker.downcallHandle(address, FunctionDescriptor.of(result, arguments));
  }

  /// Captures for some time. `progress` hears `capturing` when no packet is missed any more.
  static Map<String, Object> run(String needle, int millis, Consumer<String> progress) {
    var done = new CompletableFuture<Map<String, Object>>();
    Thread.ofPlatform()
        .daemon()
        .name("capture")
        .start(
            () -> {
              try {
                done.complete(new Capture(needle).capture(millis, progress));
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    try {
      return done.join();
    } catch (CompletionException e) {
      throw new MeshException("the capture failed: " + e.getCause(), e);
    }
  }

  private Map<String, Object> capture(int millis, Consumer<String> progress) throws Throwable {
    int fd = (int) socket.invokeExact(AF_PACKET, SOCK_RAW_CLOEXEC, ALL_PROTOCOLS);
    if (fd < 0) {
      throw new MeshException("a packet socket was refused");
    }
    try (var arena = Arena.ofConfined()) {
      var timeout = arena.allocate(16);
      timeout.set(JAVA_LONG, 8, 50_000); // tv_usec: looks at the clock every 50 ms
      int _ = (int) setsockopt.invokeExact(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, 16);
      var size = arena.allocate(JAVA_INT);
      size.set(JAVA_INT, 0, 16 << 20);
      int _ = (int) setsockopt.invokeExact(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4);
      progress.accept("capturing");
      var frame = arena.allocate(FRAME);
      long until = System.nanoTime() + millis * 1_000_000L;
      while (System.nanoTime() < until) {
        long length = (long) recv.invokeExact(fd, frame, (long) FRAME, 0);
        if (length > 0) {
          traffic.add(frame.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
      }
      return traffic.summary();
    } finally {
      int _ = (int) close.invokeExact(fd);
    }
  }
}
