package dev.kiri.redirect.netns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.util.function.Supplier;

/// Makes Netty channels whose sockets live in a pod's namespace, marked as the proxy's.
///
/// The socket is made by the channel's constructor, on the calling thread, which is inside the pod
/// for those few microseconds only. Binding, connecting and accepting happen later on the loop the
/// channel is registered with; the socket stays in the pod, and so do the sockets it accepts, which
/// also inherit the mark. To be called from event-loop or other platform threads. Use it as a
/// bootstrap's channel factory: `new Bootstrap().channelFactory(sockets::newChannel)`.
public final class NamespaceSockets {
  private final PodNetns netns;
  private final SocketTransport transport;
  private final SocketSettings settings;

  public NamespaceSockets(PodNetns netns, SocketTransport transport, SocketSettings settings) {
    this.netns = netns;
    this.transport = transport;
    this.settings = settings;
  }

  /// A listening socket to be.
  ///
  /// @throws ChannelException when the pod cannot be entered or the socket not be made
  public ServerSocketChannel newServerChannel() {
    return shared(
        create(
            switch (transport) {
              case EPOLL -> EpollServerSocketChannel::new;
              case IO_URING -> IoUringServerSocketChannel::new;
            }));
  }

  /// A socket for an outgoing connection.
  ///
  /// @throws ChannelException as above
  public SocketChannel newChannel() {
    return create(
        switch (transport) {
          case EPOLL -> EpollSocketChannel::new;
          case IO_URING -> IoUringSocketChannel::new;
        });
  }

  /// A datagram socket to be bound to a port that others may share.
  ///
  /// @throws ChannelException as above
  public DatagramChannel newDatagramListener() {
    return shared(newDatagramChannel());
  }

  /// A datagram socket with a port of its own.
  ///
  /// @throws ChannelException as above
  public DatagramChannel newDatagramChannel() {
    return create(
        switch (transport) {
          case EPOLL -> EpollDatagramChannel::new;
          case IO_URING -> IoUringDatagramChannel::new;
        });
  }

  private <C extends Channel> C create(Supplier<C> constructor) {
    C channel;
    try {
      channel = netns.inside(constructor::get);
    } catch (IOException | IllegalStateException failed) {
      throw new ChannelException("making a socket in namespace " + netns.id(), failed);
    }
    if (settings.packetMark() != 0) {
      configure(
          channel,
          () -> channel.config().setOption(LinuxOptions.SO_MARK, settings.packetMark()),
          "SO_MARK");
    }
    return channel;
  }

  private <C extends Channel> C shared(C channel) {
    if (settings.reusePort()) {
      configure(
          channel,
          () -> channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true),
          "SO_REUSEPORT");
    }
    return channel;
  }

  private void configure(Channel channel, Supplier<Boolean> set, String option) {
    try {
      if (set.get()) {
        return;
      }
    } catch (ChannelException refused) {
      channel.unsafe().closeForcibly();
      throw new ChannelException(
          "setting " + option + " on a socket in namespace " + netns.id(), refused);
    }
    channel.unsafe().closeForcibly();
    throw new ChannelException(
        option + " is not supported by " + channel.getClass().getSimpleName());
  }
}
