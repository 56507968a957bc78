package dev.kiri.redirect.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One packet as received: its bytes, the descriptors that came with it, which are the holder's to
/// close, and what did not fit. Immutable but for the descriptors' being open.
public final class Packet {
  // LP64 layouts of iovec, msghdr and cmsghdr (recvmsg(2), cmsg(3)).
  private static final int IOVEC_BYTES = 16;
  private static final int MSGHDR_BYTES = 56;
  private static final int CMSG_HEADER_BYTES = 16;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private final byte[] data;
  private final List<Fd> descriptors;
  private final int flags;

  private Packet(byte[] data, List<Fd> descriptors, int flags) {
    this.data = data;
    this.descriptors = List.copyOf(descriptors);
    this.flags = flags;
  }

  /// The bytes; none only when the peer closed.
  public byte[] data() {
    return data.clone();
  }

  /// The descriptors that came along, open.
  public List<Fd> descriptors() {
    return descriptors;
  }

  /// Whether the packet was longer than the buffer, or carried more descriptors than asked for; the
  /// kernel closed those.
  public boolean truncated() {
    return (flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  }

  /// Whether the peer closed the connection (a packet of no bytes looks the same and is never sent
  /// here).
  public boolean isEnd() {
    return data.length == 0;
  }

  /// Closes every descriptor that came along.
  public void closeDescriptors() {
    descriptors.forEach(Fd::close);
  }

  /// Sends one packet, with at most one descriptor on it. Blocks no longer than the socket's send
  /// limit.
  public static void send(Fd socket, byte[] data, @Nullable Fd descriptor) throws LinuxException {
    try (var arena = Arena.ofConfined()) {
      var header = header(arena, Sockets.Memory.of(arena, data), data.length);
      if (descriptor != null) {
        var control = arena.allocate(24, 8);
        control.set(JAVA_LONG, 0, CMSG_HEADER_BYTES + 4L);
        control.set(JAVA_INT, 8, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        control.set(JAVA_INT, 16, descriptor.number());
        header.set(ADDRESS, 32, control);
        header.set(JAVA_LONG, 40, control.byteSize());
      }
      Sockets.sendmsg(socket, header, MSG_NOSIGNAL);
    }
  }

  /// Receives one packet of at most `limit` bytes and `maxDescriptors` descriptors.
  public static Packet receive(Fd socket, int limit, int maxDescriptors) throws LinuxException {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(limit, 8);
      var header = header(arena, buffer, limit);
      var control = arena.allocate(CMSG_HEADER_BYTES + 4L * Math.max(maxDescriptors, 1), 8);
      header.set(ADDRESS, 32, control);
      header.set(JAVA_LONG, 40, control.byteSize());
      var read = Sockets.recvmsg(socket, header, MSG_CMSG_CLOEXEC);
      var flags = header.get(JAVA_INT, 48);
      return new Packet(
          buffer.asSlice(0, Math.min(read, limit)).toArray(JAVA_BYTE),
          descriptors(control, header.get(JAVA_LONG, 40)),
          flags);
    }
  }

  private static MemorySegment header(Arena arena, MemorySegment data, long length) {
    var vector = arena.allocate(IOVEC_BYTES, 8);
    vector.set(ADDRESS, 0, data);
    vector.set(JAVA_LONG, 8, length);
    var header = arena.allocate(MSGHDR_BYTES, 8);
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    return header;
  }

  private static List<Fd> descriptors(MemorySegment control, long bytes) {
    var found = new ArrayList<Fd>();
    var at = 0L;
    while (at + CMSG_HEADER_BYTES <= bytes) {
      var length = control.get(JAVA_LONG, at);
      if (control.get(JAVA_INT, at + 8) == Sockets.SOL_SOCKET
          && control.get(JAVA_INT, at + 12) == SCM_RIGHTS) {
        for (var fd = at + CMSG_HEADER_BYTES; fd + 4 <= at + length; fd += 4) {
          found.add(Fd.own(control.get(JAVA_INT, fd)));
        }
      }
      at += Math.max(CMSG_HEADER_BYTES, (length + 7) & ~7L);
    }
    return found;
  }
}
