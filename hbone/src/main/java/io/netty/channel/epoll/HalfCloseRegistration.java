package io.netty.channel.epoll;

import io.netty.channel.Channel;
import java.io.IOException;

/// Works around a defect of Netty's epoll transport (seen in 4.2.18) that truncates data after a
/// half-close. It lives in Netty's package because the one method that helps is package-private.
///
/// After the peer's FIN, with nothing left to read or write, the channel's interest set becomes
/// empty. The handler then removes the descriptor from epoll but still believes it to be added. The
/// next write that blocks asks to change the interest, gets ENOENT, and the channel shuts its
/// output down: what was still to be sent is lost. An interest set that is never empty keeps the
/// descriptor where it is. Nothing more can be read, so nothing is waited for either: the end that
/// has been seen would wake the loop once more.
public final class HalfCloseRegistration {

  /// Keeps the channel registered; call it on `ChannelInputShutdownEvent`. Does nothing for other
  /// transports.
  public static void keep(Channel channel) {
    if (channel instanceof AbstractEpollChannel epoll && channel.isOpen()) {
      try {
        epoll.setFlag(Native.EPOLLET); // says nothing to the kernel while no event is wanted
        epoll.clearEpollIn();
      } catch (IOException e) {
        channel.pipeline().fireExceptionCaught(e);
      }
    }
  }

  private HalfCloseRegistration() {}
}
