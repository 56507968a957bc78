package dev.kiri.redirect.zds;

import dev.kiri.redirect.sys.Fd;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.sys.Packet;
import dev.kiri.redirect.sys.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A Unix socket that keeps packets apart, used by one platform thread; [#interrupt] may come from
/// any.
final class SeqpacketSocket implements AutoCloseable {
  // sockaddr_un.sun_path, with its terminating zero (unix(7)).
  private static final int MAX_PATH_BYTES = 107;
  private static final int BACKLOG = 16;

  private final Fd fd;

  private SeqpacketSocket(Fd fd) {
    this.fd = fd;
  }

  /// Listens at the path, replacing a stale socket and creating its folder. Only the owner may
  /// connect.
  static SeqpacketSocket listen(Path path) throws IOException {
    var folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.deleteIfExists(path);
    var fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET, 0);
    try {
      Sockets.bind(fd, address(path));
      Sockets.listen(fd, BACKLOG);
    } catch (IOException failed) {
      fd.close();
      throw new IOException("listening at " + path + ": " + failed.getMessage(), failed);
    }
    return new SeqpacketSocket(fd);
  }

  static SeqpacketSocket connect(Path path) throws IOException {
    var fd = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET, 0);
    try {
      Sockets.connect(fd, address(path));
    } catch (IOException failed) {
      fd.close();
      throw new IOException("connecting to " + path + ": " + failed.getMessage(), failed);
    }
    return new SeqpacketSocket(fd);
  }

  SeqpacketSocket accept() throws LinuxException {
    return new SeqpacketSocket(Sockets.accept(fd));
  }

  void send(byte[] packet, @Nullable Fd descriptor, Duration limit) throws LinuxException {
    Sockets.sendTimeout(fd, limit);
    Packet.send(fd, packet, descriptor);
  }

  /// Waits for a packet; zero waits for ever.
  Packet receive(int maxDescriptors, Duration limit) throws LinuxException {
    Sockets.receiveTimeout(fd, limit);
    return Packet.receive(fd, ZdsMessages.MAX_BYTES, maxDescriptors);
  }

  /// Wakes the thread that uses the socket: it sees the end of the connection. Never races with
  /// closing, after which the descriptor's number may belong to another file.
  synchronized void interrupt() {
    if (fd.isOpen()) {
      Sockets.shutdown(fd);
    }
  }

  @Override
  public synchronized void close() {
    fd.close();
  }

  private static byte[] address(Path path) throws IOException {
    var name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_PATH_BYTES) {
      throw new IOException("socket path longer than " + MAX_PATH_BYTES + " bytes: " + path);
    }
    var address = new byte[2 + name.length + 1];
    // sa_family_t in host order; every architecture served here is little-endian.
    address[0] = Sockets.AF_UNIX;
    System.arraycopy(name, 0, address, 2, name.length);
    return address;
  }
}
