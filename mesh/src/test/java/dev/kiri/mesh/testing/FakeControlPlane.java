package dev.kiri.mesh.testing;

import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// A control plane on a loopback port: discovery and certificates over TLS. Closing it ends its
/// streams.
public final class FakeControlPlane implements AutoCloseable {
  /// The name its certificate carries besides its address.
  public static final String NAME = "istiod.istio-system.svc";

  private final FakeAuthority authority;
  private final FakeAds ads = new FakeAds();
  private final FakeCa ca;
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final Server server;

  private FakeControlPlane(FakeAuthority authority, int port) throws IOException {
    this.authority = authority;
    this.ca = new FakeCa(authority);
    var bundle = authority.server(NAME);
    var tls =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(
                    bundle.getKeyPair().getPrivate(), bundle.getCertificatePath()))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .sslContext(tls)
            .maxInboundMessageSize(64 * 1024 * 1024)
            .addService(ads)
            .addService(ca)
            .intercept(new Headers())
            .directExecutor()
            .build()
            .start();
  }

  public static FakeControlPlane start() {
    return start(new FakeAuthority("root"));
  }

  public static FakeControlPlane start(FakeAuthority authority) {
    return start(authority, 0);
  }

  /// Starts on a given port, to come back where another was.
  public static FakeControlPlane start(FakeAuthority authority, int port) {
    try {
      return new FakeControlPlane(authority, port);
    } catch (IOException broken) {
      throw new IllegalStateException("cannot listen on port " + port, broken);
    }
  }

  public FakeAuthority authority() {
    return authority;
  }

  public FakeAds ads() {
    return ads;
  }

  public FakeCa ca() {
    return ca;
  }

  public int port() {
    return server.getPort();
  }

  /// The headers of every call so far.
  public List<Metadata> headers() {
    return headers;
  }

  /// How a client reaches and trusts it, with the token `token`.
  public ControlPlaneEndpoint endpoint() {
    return new ControlPlaneEndpoint(
        URI.create("https://127.0.0.1:" + port()),
        null,
        new RootSource.Inline(authority.rootPem()),
        new TokenSource.Literal("token"),
        "Kubernetes",
        Map.of());
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Headers implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata metadata, ServerCallHandler<Q, R> next) {
      headers.add(metadata);
      return next.startCall(call, metadata);
    }
  }
}
