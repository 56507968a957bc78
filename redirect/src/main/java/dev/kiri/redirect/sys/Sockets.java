package dev.kiri.redirect.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/// Sockets as the kernel has them. Calls block as the socket's time limits say; [Errno#EAGAIN] is a
/// time limit that passed.
public final class Sockets {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOCK_SEQPACKET = 5;
  public static final int SOL_SOCKET = 1;
  public static final int SO_MARK = 36;

  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SHUT_RDWR = 2;

  private static final MethodHandle SOCKET =
      Downcall.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Downcall.link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CONNECT =
      Downcall.link("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle LISTEN =
      Downcall.link("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT4 =
      Downcall.link(
          "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle SHUTDOWN =
      Downcall.link("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Downcall.link(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SENDMSG =
      Downcall.link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVMSG =
      Downcall.link("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private Sockets() {}

  /// A new blocking, close-on-exec socket in the calling thread's network namespace.
  public static Fd socket(int domain, int type, int protocol) throws LinuxException {
    return Fd.own(
        (int)
            Downcall.run(
                "socket",
                (_, state) ->
                    (int) SOCKET.invokeExact(state, domain, type | SOCK_CLOEXEC, protocol)));
  }

  /// Binds to a raw socket address.
  public static void bind(Fd socket, byte[] address) throws LinuxException {
    Downcall.run(
        "bind",
        (arena, state) ->
            (int)
                BIND.invokeExact(
                    state, socket.number(), Memory.of(arena, address), address.length));
  }

  /// Connects to a raw socket address.
  public static void connect(Fd socket, byte[] address) throws LinuxException {
    Downcall.run(
        "connect",
        (arena, state) ->
            (int)
                CONNECT.invokeExact(
                    state, socket.number(), Memory.of(arena, address), address.length));
  }

  /// Lets peers connect.
  public static void listen(Fd socket, int backlog) throws LinuxException {
    Downcall.run("listen", (_, state) -> (int) LISTEN.invokeExact(state, socket.number(), backlog));
  }

  /// Waits for a peer.
  public static Fd accept(Fd socket) throws LinuxException {
    return Fd.own(
        (int)
            Downcall.run(
                "accept",
                (_, state) ->
                    (int)
                        ACCEPT4.invokeExact(
                            state,
                            socket.number(),
                            MemorySegment.NULL,
                            MemorySegment.NULL,
                            SOCK_CLOEXEC)));
  }

  /// Ends both directions, which also wakes a thread blocked in the socket. An unconnected socket
  /// is left alone.
  public static void shutdown(Fd socket) {
    try {
      Downcall.run(
          "shutdown",
          (_, state) -> Math.max(0, (int) SHUTDOWN.invokeExact(state, socket.number(), SHUT_RDWR)));
    } catch (LinuxException _) {
      // ENOTCONN: the peer was quicker.
    }
  }

  /// Sets an integer option.
  public static void option(Fd socket, int level, int name, int value) throws LinuxException {
    Downcall.run(
        "setsockopt(" + level + ", " + name + ")",
        (arena, state) ->
            (int)
                SETSOCKOPT.invokeExact(
                    state, socket.number(), level, name, arena.allocateFrom(JAVA_INT, value), 4));
  }

  /// How long a read may block; zero is for ever.
  public static void receiveTimeout(Fd socket, Duration limit) throws LinuxException {
    timeout(socket, SO_RCVTIMEO, limit);
  }

  /// How long a write may block; zero is for ever.
  public static void sendTimeout(Fd socket, Duration limit) throws LinuxException {
    timeout(socket, SO_SNDTIMEO, limit);
  }

  private static void timeout(Fd socket, int name, Duration limit) throws LinuxException {
    Downcall.run(
        "setsockopt(time limit)",
        (arena, state) ->
            (int)
                SETSOCKOPT.invokeExact(
                    state,
                    socket.number(),
                    SOL_SOCKET,
                    name,
                    arena.allocateFrom(JAVA_LONG, limit.toSeconds(), limit.toNanosPart() / 1000),
                    16));
  }

  static long sendmsg(Fd socket, MemorySegment header, int flags) throws LinuxException {
    return Downcall.run(
        "sendmsg", (_, state) -> (long) SENDMSG.invokeExact(state, socket.number(), header, flags));
  }

  static long recvmsg(Fd socket, MemorySegment header, int flags) throws LinuxException {
    return Downcall.run(
        "recvmsg", (_, state) -> (long) RECVMSG.invokeExact(state, socket.number(), header, flags));
  }

  /// Bytes and structures of a call.
  static final class Memory {
    private Memory() {}

    static MemorySegment of(Arena arena, byte[] bytes) {
      var segment = arena.allocate(Math.max(1, bytes.length), 8);
      MemorySegment.copy(
          bytes, 0, segment, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
      return segment;
    }
  }
}
