package dev.kiri.hbone.tunnel;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/// Closes the channel of a tunnel whose streams have all ended well: behind its last bytes, and
/// only when the peer has closed too.
///
/// Closing at once would lose what the socket has not taken. It would also make the kernel answer
/// the peer's next frame, credit for instance, with a reset that throws away what it has not sent.
/// A peer that neither reads nor closes is waited for [#SECONDS].
final class Goodbye {
  static final int SECONDS = 10;

  private Goodbye() {}

  /// `written` completes when everything is in the socket.
  static void closeBehind(ChannelHandlerContext context, ChannelFuture written) {
    var channel = context.channel();
    var limit = channel.eventLoop().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
    channel.closeFuture().addListener(_ -> limit.cancel(false));
    written.addListener(
        done -> {
          if (done.isSuccess() && channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
          } else {
            context.close();
          }
        });
  }
}
