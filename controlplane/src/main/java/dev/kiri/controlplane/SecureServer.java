package dev.kiri.controlplane;

import dev.kiri.controlplane.ca.CertificateAuthority;
import dev.kiri.controlplane.ca.RootAuthority;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The gRPC server over TLS with a certificate of our own authority, which is renewed while it
/// runs. A client may show a certificate of the mesh; what it must show is its caller's business.
final class SecureServer implements AutoCloseable {
  private static final Duration LIFETIME = Duration.ofDays(1);
  private static final int MAX_METADATA = 32 * 1024;

  /// A client that comes back names all it has: 70 bytes for each pod and service.
  private static final int MAX_MESSAGE = 32 * 1024 * 1024;

  private final CertificateAuthority authority;
  private final RootAuthority root;
  private final List<String> names;
  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final AdvancedTlsX509TrustManager trust;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;

  SecureServer(
      InetSocketAddress address,
      CertificateAuthority authority,
      RootAuthority root,
      List<String> names,
      List<BindableService> services,
      ServerInterceptor callers)
      throws IOException, GeneralSecurityException {
    this.authority = authority;
    this.root = root;
    this.names = names;
    this.trust =
        AdvancedTlsX509TrustManager.newBuilder()
            .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
            .build();
    renew();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                address,
                TlsServerCredentials.newBuilder()
                    .keyManager(keys)
                    .trustManager(trust)
                    .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
                    .build())
            .executor(executor)
            .maxInboundMetadataSize(MAX_METADATA)
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxConcurrentCallsPerConnection(1000)
            // as upstream: pings every 30 s, a planned disconnect after half an hour
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(15, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxConnectionAge(30, TimeUnit.MINUTES)
            .maxConnectionAgeGrace(10, TimeUnit.SECONDS);
    services.forEach(service -> builder.addService(ServerInterceptors.intercept(service, callers)));
    server = builder.build().start();
  }

  int port() {
    return server.getPort();
  }

  /// Makes a new serving certificate and trusts the present root.
  void renew() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    X509Certificate leaf = authority.serving(pair, names, LIFETIME);
    keys.updateIdentityCredentials(
        new X509Certificate[] {leaf, root.certificate()}, pair.getPrivate());
    try {
      trust.updateTrustCredentials(root.own());
    } catch (IOException e) {
      throw new GeneralSecurityException("trusting our own root", e);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    executor.close();
  }
}
