package dev.kiri.waypoint.testing;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.TcpStream;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.proxy.OwnGateway;
import dev.kiri.waypoint.proxy.WaypointTunnels;
import dev.kiri.waypoint.upstream.DnsSource;
import dev.kiri.waypoint.upstream.HostNames;
import dev.kiri.waypoint.upstream.OwnPlace;
import dev.kiri.waypoint.upstream.PlainConnection;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A waypoint's request path between real sockets: each accepted connection stands for one CONNECT
/// stream of a client to a fixed virtual address, endpoints are plain TCP servers on loopback.
public final class WaypointFixture implements AutoCloseable {
  public static final SpiffeId CLIENT = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/web");

  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops;
  private final MeshStore mesh = new MeshStore();
  private final ConfigStore config = new ConfigStore("shop", "cluster.local");
  private final Map<String, InetSocketAddress> vips = new HashMap<>();
  private final List<Channel> fronts = new ArrayList<>();
  private final RecordingObserver observer = new RecordingObserver();
  private final WaypointTunnels tunnels;
  private final NameServer names = new NameServer();
  private int next;

  public WaypointFixture() {
    this(1);
  }

  /// @param threads loops, which connections of clients are spread over in turns
  public WaypointFixture(int threads) {
    loops = transport.newLoops(threads, "test");
    tunnels =
        new WaypointTunnels(
            new OwnGateway("shop", "waypoint", ""),
            SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/waypoint"),
            new OwnPlace("", null, "node", "Kubernetes"),
            config::program,
            mesh::current,
            () -> true,
            (loop, target, handler) ->
                PlainConnection.connect(loop, transport, target.address(), target.rules(), handler),
            new HostNames(
                new DnsSource(
                    loops.next().next(), NettyTransport.Kind.EPOLL, false, names.address())),
            observer);
  }

  /// Who is asked for names.
  public NameServer names() {
    return names;
  }

  public RecordingObserver observer() {
    return observer;
  }

  public ConfigStore config() {
    return config;
  }

  public WaypointTunnels tunnels() {
    return tunnels;
  }

  /// A service on port 80 whose endpoints are servers on loopback; called again, it changes them.
  public WaypointFixture service(String name, InetSocketAddress... endpoints) {
    InetSocketAddress vip =
        vips.computeIfAbsent(name, _ -> new InetSocketAddress(address("192.0.2." + ++next), 80));
    ServiceKey key = new ServiceKey("shop", Config.host(name));
    List<MeshUpdate> updates = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      updates.add(new MeshUpdate.RemoveAddress(uid(name, i)));
    }
    updates.add(service(name, Config.host(name), vip, PortMap.of(80, 0), null));
    for (int i = 0; i < endpoints.length; i++) {
      updates.add(
          new MeshUpdate.PutWorkload(
              new WorkloadBuilder(uid(name, i))
                  .name("shop", name + "-" + i)
                  .addresses(endpoints[i].getAddress())
                  .service(key, PortMap.of(80, endpoints[i].getPort()))
                  .build()));
    }
    mesh.apply(updates);
    return this;
  }

  private MeshUpdate service(
      String name,
      String hostname,
      InetSocketAddress vip,
      PortMap ports,
      @Nullable LoadBalancing balancing) {
    return new MeshUpdate.PutService(
        new Service(
            name,
            "shop",
            hostname,
            List.of(new NetworkAddress("", vip.getAddress())),
            List.of(),
            ports,
            List.of(),
            new GatewayAddress.ByHostname(
                new ServiceKey("shop", "waypoint.shop.svc.cluster.local"), 15008),
            List.of(),
            balancing,
            IpFamilies.AUTOMATIC,
            true,
            Visibility.PUBLIC));
  }

  /// A service on port 80 with an endpoint that has only a name; called again, it changes that.
  public WaypointFixture named(String service, String hostname, int port) {
    service(service);
    mesh.apply(List.of(endpoint(service, Config.host(service), hostname, port)));
    return this;
  }

  private static MeshUpdate endpoint(String name, String service, String hostname, int port) {
    return new MeshUpdate.PutWorkload(
        new WorkloadBuilder(uid(name, 0))
            .name("shop", name)
            .hostname(hostname)
            .service(new ServiceKey("shop", service), PortMap.of(80, port))
            .build());
  }

  /// A service on port 80 for every name under `hostname`.
  public WaypointFixture wildcard(String name, String hostname, int port) {
    InetSocketAddress vip = new InetSocketAddress(address("192.0.2." + ++next), 80);
    vips.put(name, vip);
    mesh.apply(
        List.of(
            service(name, hostname, vip, PortMap.of(80, port), null),
            endpoint(name, hostname, hostname, port)));
    return this;
  }

  /// A service at an address that is its own endpoint.
  public WaypointFixture passthrough(String name, InetSocketAddress at) {
    vips.put(name, at);
    mesh.apply(
        List.of(
            service(
                name,
                name + ".example",
                at,
                PortMap.of(at.getPort(), at.getPort()),
                new LoadBalancing(
                    List.of(),
                    LoadBalancing.Mode.PASSTHROUGH,
                    LoadBalancing.HealthPolicy.ALLOW_ALL))));
    return this;
  }

  private static String uid(String service, int endpoint) {
    return "Kubernetes//Pod/shop/" + service + "-" + endpoint;
  }

  public WaypointFixture apply(Resource... resources) {
    Map<String, Resource> batch = new HashMap<>();
    for (Resource resource : resources) {
      batch.put(Config.name(resource), resource);
    }
    var refused = config.apply(batch, List.of());
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(refused.toString());
    }
    return this;
  }

  /// Where a client of `service` connects to.
  public InetSocketAddress front(String service) {
    InetSocketAddress vip = vips.get(service);
    if (vip == null) {
      throw new IllegalArgumentException(service);
    }
    Channel bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    tunnels.connect(new Accepted(channel, vip));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    fronts.add(bound);
    return (InetSocketAddress) bound.localAddress();
  }

  private static InetAddress address(String text) {
    return io.netty.util.NetUtil.createInetAddressFromIpAddressString(text);
  }

  @Override
  public void close() {
    fronts.forEach(front -> front.close().awaitUninterruptibly());
    names.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /// A TCP connection that plays the part of a CONNECT request.
  private record Accepted(Channel channel, InetSocketAddress vip) implements IncomingConnect {
    @Override
    public ConnectRequest request() {
      return ConnectRequest.to(Authority.of(vip));
    }

    @Override
    public TunnelPeer peer() {
      return new TunnelPeer(
          CLIENT,
          (InetSocketAddress) channel.remoteAddress(),
          (InetSocketAddress) channel.localAddress(),
          "none");
    }

    @Override
    public EventLoop loop() {
      return channel.eventLoop();
    }

    @Override
    public HboneStream accept(ConnectResponse response, StreamHandler handler) {
      TcpStream stream = TcpStream.attach(channel, peer(), handler);
      channel.eventLoop().execute(stream::begin);
      return stream;
    }

    @Override
    public void refuse(int status) {
      channel.close();
    }

    @Override
    public void abandoned(Runnable peerGaveUp) {}
  }
}
