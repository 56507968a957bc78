package dev.kiri.hbone.tunnel;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/// Closes the channel of a tunnel behind its last bytes, and only when the peer has closed too.
///
/// Closing at once would lose what the socket has not taken. It would also make the kernel answer
/// whatever the peer sends or has sent by then with a reset, and whoever is writing when that
/// arrives may never read the GOAWAY that came before it.
final class Goodbye {
  /// A peer that neither reads nor closes is waited for this long when all streams ended well.
  static final int SECONDS = 10;

  /// The same where the tunnel has failed or may not go on.
  static final int ABRUPT_SECONDS = 2;

  private Goodbye() {}

  /// `written` completes when everything is in the socket. What the peer still sends is read and
  /// dropped: credit for instance, a little.
  static void closeBehind(ChannelHandlerContext context, ChannelFuture written) {
    close(context, written, SECONDS);
  }

  /// The same with a peer that may send any amount: nothing more is read of it.
  static void closeAbruptly(ChannelHandlerContext context, ChannelFuture written) {
    context.channel().config().setAutoRead(false);
    close(context, written, ABRUPT_SECONDS);
  }

  private static void close(ChannelHandlerContext context, ChannelFuture written, int seconds) {
    var channel = context.channel();
    var limit = channel.eventLoop().schedule(() -> context.close(), seconds, TimeUnit.SECONDS);
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
