package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.SpiffeId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A client somewhere else, as the command's options describe it. `drive` is a socket of which
/// every connection becomes a stream; with a `destination` it is a SOCKS5 proxy that is asked for
/// that.
record GivenClient(
    ServerSocket tunnels,
    ExamAuthority authority,
    SpiffeId server,
    InetSocketAddress drive,
    @Nullable InetSocketAddress destination,
    Duration limit,
    @Nullable Duration handshakeLimit)
    implements ClientSubject {

  @Override
  public ApplicationSocket connect() throws IOException {
    return destination == null
        ? ApplicationSocket.plain(drive, limit)
        : ApplicationSocket.socks5(drive, destination, limit);
  }

  @Override
  public void close() {
    try {
      tunnels.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
