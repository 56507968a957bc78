package dev.kiri.local.dns;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.network.Topology;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The name server: listens on [Topology#DNS_ADDRESS] in each namespace it is given. A virtual
/// thread per listener and per TCP connection; answers come from the zone of the moment.
public final class DnsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("dns");
  private static final int PORT = 53;
  private static final int LARGEST_QUERY = 4096;

  private final InsideSockets sockets;
  private final Supplier<DnsZone> zone;
  private final List<Closeable> listeners = new ArrayList<>();

  public DnsServer(InsideSockets sockets, Supplier<DnsZone> zone) {
    this.sockets = sockets;
    this.zone = zone;
  }

  /// Starts answering in a namespace that has the server's address.
  public synchronized void listen(NamespaceFile namespace) {
    var address = new InetSocketAddress(Topology.DNS_ADDRESS, PORT);
    try {
      var datagrams = sockets.datagram(namespace);
      datagrams.bind(address);
      listeners.add(datagrams);
      Thread.ofPlatform()
          .daemon()
          .name("dns " + namespace.path().getFileName())
          .start(() -> serve(datagrams));
      var streams = sockets.listener(namespace);
      streams.bind(address);
      listeners.add(streams);
      Thread.ofVirtual().name("dns tcp").start(() -> serve(streams));
    } catch (IOException e) {
      throw new UncheckedIOException("listening on " + address + " in " + namespace.path(), e);
    }
  }

  private void serve(DatagramChannel channel) {
    var buffer = ByteBuffer.allocate(LARGEST_QUERY);
    while (channel.isOpen()) {
      try {
        buffer.clear();
        SocketAddress client = channel.receive(buffer);
        var query = new byte[buffer.flip().remaining()];
        buffer.get(query);
        var answer = DnsAnswers.answer(query, zone.get(), false);
        if (client != null && answer.isPresent()) {
          channel.send(ByteBuffer.wrap(answer.get()), client);
        }
      } catch (IOException e) {
        if (channel.isOpen()) {
          log.warn("a DNS answer was lost: {}", e.getMessage());
        }
      }
    }
  }

  private void serve(ServerSocketChannel listener) {
    while (listener.isOpen()) {
      try {
        var client = listener.accept();
        Thread.ofVirtual().name("dns client").start(() -> converse(client));
      } catch (IOException e) {
        if (listener.isOpen()) {
          log.warn("a DNS connection was lost: {}", e.getMessage());
        }
      }
    }
  }

  private void converse(SocketChannel client) {
    try (client;
        var in = new DataInputStream(client.socket().getInputStream());
        var out = new DataOutputStream(client.socket().getOutputStream())) {
      client.socket().setSoTimeout(10_000);
      while (true) {
        var query = in.readNBytes(in.readUnsignedShort());
        var answer = DnsAnswers.answer(query, zone.get(), true);
        if (answer.isEmpty()) {
          return;
        }
        out.writeShort(answer.get().length);
        out.write(answer.get());
        out.flush();
      }
    } catch (IOException e) {
      // the client went away or said nothing for too long
    }
  }

  @Override
  public synchronized void close() {
    for (var listener : listeners) {
      try {
        listener.close();
      } catch (IOException e) {
        log.warn("closing a DNS listener: {}", e.getMessage());
      }
    }
  }
}
