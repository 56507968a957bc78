package dev.kiri.waypoint.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A name server that knows what it was told and says of everything else that it does not exist
/// (RFC 1035).
public final class NameServer implements AutoCloseable {
  private static final int TTL = 60;

  private final DatagramSocket socket;
  private final Map<String, List<InetAddress>> known = new ConcurrentHashMap<>();
  private final List<String> questions = new CopyOnWriteArrayList<>();

  public NameServer() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    Thread.ofVirtual().start(this::serve);
  }

  public NameServer name(String host, InetAddress... addresses) {
    known.put(host, List.of(addresses));
    return this;
  }

  /// Name and type of each, in their order.
  public List<String> questions() {
    return questions;
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void serve() {
    byte[] in = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(in, in.length);
        socket.receive(packet);
        byte[] out = answer(in);
        socket.send(new DatagramPacket(out, out.length, packet.getSocketAddress()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private byte[] answer(byte[] asked) {
    ByteBuffer question = ByteBuffer.wrap(asked);
    StringBuilder name = new StringBuilder();
    int at = 12;
    for (int length = question.get(at); length > 0; length = question.get(at)) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(asked, at + 1, length, StandardCharsets.US_ASCII));
      at += length + 1;
    }
    boolean four = question.getShort(at + 1) == 1;
    questions.add(name + (four ? " A" : " AAAA"));
    List<InetAddress> all = known.get(name.toString());
    List<InetAddress> right =
        all == null
            ? List.of()
            : all.stream().filter(address -> address instanceof Inet4Address == four).toList();
    ByteBuffer out = ByteBuffer.allocate(512);
    out.putShort(question.getShort(0));
    out.putShort((short) (all == null ? 0x8183 : 0x8180));
    out.putShort((short) 1).putShort((short) right.size()).putInt(0);
    out.put(asked, 12, at + 5 - 12);
    for (InetAddress address : right) {
      byte[] bytes = address.getAddress();
      out.putShort((short) 0xc00c).putShort((short) (four ? 1 : 28)).putShort((short) 1);
      out.putInt(TTL).putShort((short) bytes.length).put(bytes);
    }
    byte[] message = new byte[out.position()];
    out.flip().get(message);
    return message;
  }

  @Override
  public void close() {
    socket.close();
  }
}
