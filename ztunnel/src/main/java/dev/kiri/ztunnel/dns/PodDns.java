package dev.kiri.ztunnel.dns;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.ztunnel.dns.DnsMetrics.Refusal;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// The name service inside one pod, by UDP and TCP. To be closed from any thread.
///
/// Bounds: [Questions#MAX_IN_FLIGHT] questions, [#MAX_CONNECTIONS] connections with
/// [TcpQuestions#MAX_OPEN] questions each, [AnswerCache#MAX_ANSWERS] remembered answers.
public final class PodDns {
  static final int MAX_CONNECTIONS = 64;

  /// Same as upstream's limit for a request over TCP.
  private static final int IDLE_SECONDS = 5;

  /// Questions are small: a longer packet is cut, which makes it malformed, and a connection with a
  /// longer one is closed.
  private static final int MAX_QUESTION = 4_096;

  /// How long an end waits for open questions.
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

  private final Questions questions;
  private final List<Channel> sockets = new ArrayList<>();
  private int connections;

  private PodDns(Questions questions) {
    this.questions = questions;
  }

  static PodDns start(
      DnsSettings settings, boolean loopback6, NamespaceSockets sockets, Questions questions)
      throws IOException {
    var service = new PodDns(questions);
    try {
      for (var address : settings.addresses()) {
        boolean missing =
            address.getAddress() instanceof Inet6Address
                && address.getAddress().isLoopbackAddress()
                && !loopback6;
        if (!missing) {
          service.listen(address, sockets);
        }
      }
    } catch (IOException failed) {
      service.close();
      throw failed;
    }
    return service;
  }

  private void listen(InetSocketAddress address, NamespaceSockets inPod) throws IOException {
    var loop = questions.loop();
    bound(
        address,
        new Bootstrap()
            .group(loop)
            .channelFactory(inPod::newDatagramListener)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_QUESTION))
            .handler(new UdpQuestions(questions))
            .bind(address));
    bound(
        address,
        new ServerBootstrap()
            .group(loop)
            .channelFactory(inPod::newServerChannel)
            .option(ChannelOption.SO_BACKLOG, MAX_CONNECTIONS)
            .childHandler(new Accepted())
            .bind(address));
  }

  private void bound(InetSocketAddress address, ChannelFuture binding) throws IOException {
    if (!binding.awaitUninterruptibly().isSuccess()) {
      throw new IOException(
          "failed to bind to address " + address + ": " + OsErrors.text(binding.cause()),
          binding.cause());
    }
    sockets.add(binding.channel());
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      if (connections >= MAX_CONNECTIONS) {
        questions.metrics().refused(Refusal.CONNECTIONS);
        channel.close();
        return;
      }
      connections++;
      channel.closeFuture().addListener(closed -> connections--);
      channel
          .pipeline()
          .addLast(new IdleStateHandler(IDLE_SECONDS, 0, 0))
          .addLast(new LengthFieldBasedFrameDecoder(2 + MAX_QUESTION, 0, 2, 0, 2))
          .addLast(new TcpQuestions(questions));
    }
  }

  /// The addresses of a host of one family, as the pod itself would be told; none where there are
  /// none. Completes on the loop for names.
  public CompletionStage<List<InetAddress>> resolve(String host, boolean ipv6) {
    var found = new CompletableFuture<List<InetAddress>>();
    var name = DnsName.of(host);
    if (name == null) {
      return CompletableFuture.completedStage(List.of());
    }
    var query =
        new DnsQuery(
            0,
            DnsQuery.RECURSION_DESIRED,
            name,
            ipv6 ? DnsQuery.AAAA : DnsQuery.A,
            DnsQuery.INTERNET,
            null);
    questions.loop().execute(() -> questions.resolve(query, found::complete));
    return found;
  }

  /// Ends when nothing is open, or a second later: an answer that is on its way still leaves.
  public CompletionStage<?> drain() {
    var ended = new CompletableFuture<Boolean>();
    var loop = questions.loop();
    loop.execute(() -> questions.whenIdle(() -> ended.complete(true)));
    return ended
        .completeOnTimeout(false, LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((idle, failed) -> close());
  }

  /// Ends at once.
  public void close() {
    sockets.forEach(Channel::close);
    questions.loop().execute(questions::close);
  }
}
