package dev.kiri.ztunnel;

import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.profile.Profiles;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.ztunnel.pod.Ipv6Loopback;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// The three ports for operators: readiness 15021, metrics 15020, admin 15000 on loopback. All run
/// on a data loop, so that a probe notices when those are stuck; handlers run on virtual threads.
final class OperatorPorts implements AutoCloseable {
  /// Where they are; 0 for any free port.
  record Numbers(int readiness, int metrics, int admin) {
    static final Numbers USUAL = new Numbers(15021, 15020, 15000);
    static final Numbers ANY = new Numbers(0, 0, 0);
  }

  private final Numbers numbers;
  private final EventLoop loop;
  private final ChannelFactory<? extends ServerChannel> sockets;
  private final boolean ipv6;
  private final List<AdminServer> servers = new ArrayList<>();

  OperatorPorts(
      Numbers numbers,
      EventLoop loop,
      ChannelFactory<? extends ServerChannel> sockets,
      boolean ipv6) {
    this.numbers = numbers;
    this.loop = loop;
    this.sockets = sockets;
    this.ipv6 = ipv6;
  }

  void readiness(Readiness readiness) {
    start(
        AdminServer.named("readiness").route("GET", "/healthz/ready", readiness.handler()),
        wildcard(numbers.readiness()));
  }

  void metrics(Metrics metrics) {
    start(
        AdminServer.named("stats")
            .route("GET", "/metrics", metrics.handler())
            .route("GET", "/stats/prometheus", metrics.handler()),
        wildcard(numbers.metrics()));
  }

  void admin(AdminHandler dump, AdminHandler explain, Logging logging, Drain drain) {
    var profiles = new Profiles();
    start(
        AdminServer.named("admin")
            .route("*", "/", request -> AdminResponse.of(200, "text/html", INDEX))
            .route("*", "/config_dump", dump)
            .route("GET", "/debug/explain", explain)
            .route("*", "/logging", logging.handler())
            .route("*", "/debug/pprof/profile", profiles.cpu())
            .route("*", "/debug/pprof/heap", profiles.heap())
            .route(
                "POST",
                "/quitquitquit",
                request -> {
                  drain.request("received a request to quit");
                  return AdminResponse.text(200, "shutdown now\n");
                }),
        loopback(numbers.admin()));
  }

  private void start(AdminServer server, InetSocketAddress... addresses) {
    servers.add(server.start(loop, sockets, addresses));
  }

  /// Netty's sockets take both families wherever the machine has both.
  private static InetSocketAddress wildcard(int port) {
    return new InetSocketAddress(port);
  }

  private InetSocketAddress[] loopback(int port) {
    var v4 = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    if (!ipv6 || !Ipv6Loopback.present()) {
      return new InetSocketAddress[] {v4};
    }
    return new InetSocketAddress[] {v4, new InetSocketAddress(InetAddress.ofLiteral("::1"), port)};
  }

  List<InetSocketAddress> addresses() {
    return servers.stream().flatMap(server -> server.addresses().stream()).toList();
  }

  @Override
  public void close() {
    servers.forEach(AdminServer::close);
  }

  private static final String INDEX =
      """
      <!doctype html><title>ztunnel</title><ul>
      <li><a href="config_dump">config_dump</a>: everything this proxy knows
      <li>debug/explain?src=NAMESPACE/POD&amp;dst=ADDRESS_OR_HOST&amp;port=PORT: what would happen; with
          to=NAMESPACE/POD instead of dst, on arrival
      <li>debug/pprof/profile?seconds=10&amp;frequency=100: what threads do, as a flight recording
      <li><a href="debug/pprof/heap">debug/pprof/heap</a>: what the heap consists of
      <li>logging: query or change log levels (POST)
      <li>quitquitquit: shut down (POST)
      </ul>
      """;
}
