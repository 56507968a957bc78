package dev.kiri.redirect.rules;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Errno;
import dev.kiri.redirect.sys.Fd;
import dev.kiri.redirect.sys.Packet;
import dev.kiri.redirect.sys.Sockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/// A conversation with the kernel about the routes of one namespace. The socket is made inside and
/// used from outside.
final class RouteSocket implements AutoCloseable {
  private static final int NETLINK_ROUTE = 0;
  private static final short NLMSG_ERROR = 2;
  private static final int ANSWER_BYTES = 4096;

  private final Fd socket;

  private RouteSocket(Fd socket) {
    this.socket = socket;
  }

  static RouteSocket open(PodNetns pod) throws IOException {
    var socket =
        pod.inside(() -> Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW, NETLINK_ROUTE));
    Sockets.receiveTimeout(socket, Duration.ofSeconds(5));
    return new RouteSocket(socket);
  }

  /// Asks for one change.
  ///
  /// @param fine error numbers that mean the wanted state is there already
  void ask(byte[] request, int... fine) throws IOException {
    Packet.send(socket, request, null);
    var answer =
        ByteBuffer.wrap(Packet.receive(socket, ANSWER_BYTES, 0).data())
            .order(ByteOrder.nativeOrder());
    if (answer.remaining() < RouteMessage.HEADER_BYTES + 4 || answer.getShort(4) != NLMSG_ERROR) {
      throw new RulesException("the kernel's answer about routes is not understood");
    }
    var errno = -answer.getInt(RouteMessage.HEADER_BYTES);
    if (errno == 0) {
      return;
    }
    for (var accepted : fine) {
      if (errno == accepted) {
        return;
      }
    }
    throw new RulesException("setting up policy routing: " + Errno.text(errno));
  }

  @Override
  public void close() {
    socket.close();
  }
}
