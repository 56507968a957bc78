package dev.kiri.local.echo;

import dev.kiri.local.api.Json;
import dev.kiri.local.store.KubeObject;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The process that plays all echo containers of a mesh. Orders come as JSON lines on standard
/// input (`start` with a pod's namespace and ports, `stop`), answers go to standard output; it ends
/// when its input does. Orders are carried out by the main thread, a platform thread, one after the
/// other.
public final class EchoHost {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
  private final HomeNetns home;
  private final SslContext tls = EchoCertificate.context();
  private final Map<String, List<Channel>> listeners = new HashMap<>();
  private final PrintStream answers;

  private EchoHost(PrintStream answers) throws IOException {
    this.answers = answers;
    this.home = HomeNetns.ofThisThread();
    for (int i = 0; i < 2; i++) {
      loops.next().submit(() -> {}).syncUninterruptibly(); // every loop thread starts at home
    }
  }

  public static void main(String[] args) throws IOException {
    var answers = System.out;
    var host = new EchoHost(answers);
    var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var line = orders.readLine(); line != null; line = orders.readLine()) {
      host.carryOut(KubeObject.of(Json.object(line)));
    }
    Runtime.getRuntime().halt(0);
  }

  private void carryOut(KubeObject order) {
    var id = order.text("id");
    switch (order.text("do")) {
      case "start" -> answers.println(Json.line(Map.of("id", id, "error", start(id, order))));
      case "stop" -> stop(id);
      default ->
          answers.println(
              Json.line(Map.of("id", id, "error", "unknown order " + order.text("do"))));
    }
    answers.flush();
  }

  /// Returns what went wrong, or an empty text.
  private String start(String id, KubeObject order) {
    var open = new ArrayList<Channel>();
    listeners.put(id, open);
    var flakiness = new EchoIdentity.Flakiness();
    var said = new StringBuilder();
    try (var netns = PodNetns.open(Path.of(order.text("netns")), home)) {
      for (var port : order.maps("ports")) {
        var who =
            new EchoIdentity(
                order.text("pod"),
                order.text("namespace"),
                order.text("node"),
                order.text("version"),
                KubeObject.numberIn(port, 0, "number"),
                KubeObject.textIn(port, "name"),
                tls,
                flakiness);
        open.add(listen(netns, who));
        said.append("listening on ").append(who.port()).append(who.isTls() ? " (TLS)\n" : "\n");
      }
      Files.writeString(
          Path.of(order.text("log")), said, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return "";
    } catch (IOException | RuntimeException e) {
      stop(id);
      return String.valueOf(e.getMessage());
    }
  }

  private Channel listen(PodNetns netns, EchoIdentity who) {
    var sockets = new NamespaceSockets(netns, SocketTransport.EPOLL, new SocketSettings(0, false));
    var bind =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(sockets::newServerChannel)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new Connections(who))
            .bind(who.port())
            .awaitUninterruptibly();
    if (!bind.isSuccess()) {
      throw new IllegalStateException(
          "port " + who.port() + " of pod " + who.pod() + ": " + bind.cause().getMessage());
    }
    return bind.channel();
  }

  /// The first handlers of a connection.
  private static final class Connections extends ChannelInitializer<Channel> {
    private final EchoIdentity who;

    Connections(EchoIdentity who) {
      this.who = who;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (who.isTls()) {
        channel.pipeline().addLast(who.tls().newHandler(channel.alloc()));
      }
      channel.pipeline().addLast(new HalfClose());
      channel.pipeline().addLast(new EchoProtocols(who, who.isTls()));
    }
  }

  private void stop(String id) {
    var open = listeners.remove(id);
    if (open != null) {
      open.forEach(c -> c.close().awaitUninterruptibly());
    }
  }
}
