package dev.kiri.redirect.net;

import dev.kiri.redirect.netns.PodNetns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A pod with applications in it: line servers that answer `port peer-address line`, and clients.
public final class TestPod implements AutoCloseable {
  private static final int LIMIT_MILLIS = 3000;

  private final PodNetns netns;
  private final String ip4;
  private final String ip6;
  private final List<AutoCloseable> applications = new ArrayList<>();

  TestPod(PodNetns netns, String ip4, String ip6) {
    this.netns = netns;
    this.ip4 = ip4;
    this.ip6 = ip6;
  }

  public PodNetns netns() {
    return netns;
  }

  public String ip4() {
    return ip4;
  }

  public String ip6() {
    return ip6;
  }

  /// Serves a TCP port on all addresses.
  public void serve(int port) throws IOException {
    var server =
        netns.inside(
            () -> {
              var socket = new ServerSocket();
              socket.setReuseAddress(true);
              socket.bind(new InetSocketAddress(port));
              return socket;
            });
    applications.add(server);
    Thread.ofPlatform().daemon().start(() -> acceptAll(server));
  }

  private static void acceptAll(ServerSocket server) {
    try {
      while (true) {
        var socket = server.accept();
        Thread.ofPlatform().daemon().start(() -> answerAll(socket));
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private static void answerAll(Socket socket) {
    try (socket) {
      var lines = reader(socket);
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var answer =
            "%d %s %s\n"
                .formatted(socket.getLocalPort(), socket.getInetAddress().getHostAddress(), line);
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException closed) {
      // The client is gone.
    }
  }

  /// Answers UDP packets with the port it listens on.
  public void serveUdp(String address, int port) throws IOException {
    var socket = netns.inside(() -> new DatagramSocket(new InetSocketAddress(address, port)));
    applications.add(socket);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  var packet = new DatagramPacket(new byte[100], 100);
                  socket.receive(packet);
                  packet.setData(("udp " + port).getBytes(StandardCharsets.UTF_8));
                  socket.send(packet);
                }
              } catch (IOException closed) {
                // The end of the test.
              }
            });
  }

  /// Connects, says hello, returns the answer.
  public String ask(String address, int port) throws IOException {
    return ask(netns, address, port);
  }

  /// The same from any namespace.
  public static String ask(PodNetns from, String address, int port) throws IOException {
    try (var socket = connect(from, address, port)) {
      return say(socket, "hello");
    }
  }

  public Socket connect(String address, int port) throws IOException {
    return connect(netns, address, port);
  }

  private static Socket connect(PodNetns from, String address, int port) throws IOException {
    return from.inside(
        () -> {
          var socket = new Socket();
          socket.setSoTimeout(LIMIT_MILLIS);
          try {
            socket.connect(new InetSocketAddress(address, port), LIMIT_MILLIS);
          } catch (IOException failed) {
            socket.close();
            throw failed;
          }
          return socket;
        });
  }

  public static String say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    var answer = reader(socket).readLine();
    if (answer == null) {
      throw new IOException("closed without an answer");
    }
    return answer;
  }

  /// Sends a UDP packet, returns the answer.
  public String askUdp(String address, int port) throws IOException {
    try (var socket = netns.inside(() -> new DatagramSocket())) {
      socket.setSoTimeout(LIMIT_MILLIS);
      var question = "hello".getBytes(StandardCharsets.UTF_8);
      socket.send(
          new DatagramPacket(question, question.length, InetAddress.getByName(address), port));
      var packet = new DatagramPacket(new byte[100], 100);
      socket.receive(packet);
      return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)
          + " from "
          + packet.getAddress().getHostAddress();
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    for (var application : applications) {
      try {
        application.close();
      } catch (Exception failed) {
        throw new IllegalStateException(failed);
      }
    }
    netns.close();
  }
}
