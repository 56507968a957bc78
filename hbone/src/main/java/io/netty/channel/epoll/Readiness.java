package io.netty.channel.epoll;

import io.netty.channel.Channel;

/// What an epoll channel could be told by the next wait of its loop, asked for right away: a wait
/// is a system call and often a sleep, of which a short connection has few. It lives in Netty's
/// package because the methods that help are package-private. Confined to the channel's loop; does
/// nothing for other transports.
public final class Readiness {

  /// Completes a connect under way if the peer has answered already, as one on the same machine
  /// has: the kernel carries the whole handshake out within connect(2), but says EINPROGRESS first.
  /// A connect that has failed, or is under way still, is left to the loop.
  public static void connected(Channel connecting) {
    if (connecting instanceof AbstractEpollChannel epoll
        && epoll.isOpen()
        && !epoll.isActive()
        && epoll.isRegistered()
        && epoll.socket.remoteAddress() != null) { // getpeername(2): none before it is connected
      ((AbstractEpollChannel.AbstractEpollUnsafe) epoll.unsafe()).epollOutReady();
    }
  }

  /// Reads what has arrived, if anything, whether reading is switched on or not.
  public static void read(Channel reading) {
    if (reading instanceof AbstractEpollStreamChannel epoll
        && epoll.isActive()
        && epoll.isRegistered()) {
      ((AbstractEpollChannel.AbstractEpollUnsafe) epoll.unsafe()).epollInReady();
    }
  }

  private Readiness() {}
}
