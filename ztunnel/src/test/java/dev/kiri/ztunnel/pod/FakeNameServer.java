package dev.kiri.ztunnel.pod;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.dns.DnsBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// A name server in a namespace, by UDP and TCP, that answers as a test tells it to: with nothing
/// where that is null.
final class FakeNameServer implements AutoCloseable {
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final BiFunction<ByteBuf, Boolean, @Nullable ByteBuf> answers;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  /// `answers` gets a question and whether it came by TCP.
  FakeNameServer(
      PodNetns netns, String address, BiFunction<ByteBuf, Boolean, @Nullable ByteBuf> answers)
      throws IOException {
    this.answers = answers;
    var at = TestMesh.at(address, 53);
    udp = netns.inside(() -> new DatagramSocket(at));
    tcp = netns.inside(() -> new ServerSocket(53, 50, at.getAddress()));
    Thread.ofPlatform().daemon().start(this::packets);
    Thread.ofPlatform().daemon().start(this::connections);
  }

  /// Who asked, as `protocol address`.
  List<String> asked() {
    return asked;
  }

  private void packets() {
    try {
      while (true) {
        var packet = new DatagramPacket(new byte[4096], 4096);
        udp.receive(packet);
        asked.add("udp " + packet.getAddress().getHostAddress());
        var question = Unpooled.copiedBuffer(packet.getData(), 0, packet.getLength());
        var answer = answers.apply(question, false);
        if (answer != null) {
          var bytes = bytes(answer);
          udp.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException closed) {
      // the end of the test
    }
  }

  private void connections() {
    try {
      while (true) {
        var socket = tcp.accept();
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // the end of the test
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      asked.add("tcp " + socket.getInetAddress().getHostAddress());
      var in = new DataInputStream(socket.getInputStream());
      var question = new byte[in.readUnsignedShort()];
      in.readFully(question);
      var answer = answers.apply(Unpooled.wrappedBuffer(question), true);
      if (answer != null) {
        var out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(answer.readableBytes());
        out.write(bytes(answer));
      }
    } catch (IOException closed) {
      // the client is gone
    }
  }

  /// Knows `known.example.` and no other name.
  static @Nullable ByteBuf oneName(ByteBuf question, boolean tcp) {
    var text = question.toString(java.nio.charset.StandardCharsets.US_ASCII);
    return text.contains("known")
        ? DnsBytes.answer(question, 0, 60, "203.0.113.7")
        : DnsBytes.answer(question, 3, 60);
  }

  private static byte[] bytes(ByteBuf message) {
    var bytes = new byte[message.readableBytes()];
    message.getBytes(message.readerIndex(), bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
