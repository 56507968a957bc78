package dev.kiri.local.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// Joins two connections: what one says the other hears, ends included.
public final class Relay {
  private static final int BUFFER = 65_536;

  private Relay() {}

  /// Returns when both have ended. Blocks; takes a virtual thread for the way back. The caller
  /// closes both.
  ///
  /// @throws InterruptedException when the way back was not waited for
  public static void join(SocketChannel client, SocketChannel server) throws InterruptedException {
    var back = Thread.ofVirtual().name("back").start(() -> copy(server, client));
    copy(client, server);
    back.join();
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    var buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // one side went; the other is closed by its owner
    }
  }
}
