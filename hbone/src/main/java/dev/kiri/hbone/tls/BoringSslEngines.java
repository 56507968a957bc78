package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// Engines of BoringSSL. It does not let a program choose TLS 1.3 suites; with AES hardware it
/// offers AES-128-GCM first.
final class BoringSslEngines implements EngineFactory {
  private static final List<String> SUITES_12 =
      List.of(
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256");
  private static final ApplicationProtocolConfig H2 =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2);

  private final SslContext server;
  private final SslContext client;

  BoringSslEngines(WorkloadCertificate certificate, TlsSettings settings, PeerTrust trust) {
    var chain = certificate.chain().toArray(X509Certificate[]::new);
    try {
      server =
          common(SslContextBuilder.forServer(certificate.key(), chain), settings, trust)
              .clientAuth(ClientAuth.REQUIRE)
              .build();
      client =
          common(
                  SslContextBuilder.forClient().keyManager(certificate.key(), chain),
                  settings,
                  trust)
              .endpointIdentificationAlgorithm(null) // peers have no host names
              .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("TLS contexts of " + certificate.identity(), e);
    }
  }

  private static SslContextBuilder common(
      SslContextBuilder builder, TlsSettings settings, PeerTrust trust) {
    builder.sslProvider(SslProvider.OPENSSL).trustManager(trust).applicationProtocolConfig(H2);
    if (settings.tls12()) {
      builder.protocols("TLSv1.3", "TLSv1.2").ciphers(SUITES_12);
    } else {
      builder.protocols("TLSv1.3");
    }
    if (settings.postQuantumOnly()) {
      builder.option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768"});
    }
    return builder;
  }

  @Override
  public SSLEngine server(ByteBufAllocator allocator) {
    var engine = (ReferenceCountedOpenSslEngine) server.newEngine(allocator);
    // A session that is resumed shows no certificate, so nobody could judge it again.
    SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
    return engine;
  }

  @Override
  public SSLEngine client(ByteBufAllocator allocator) {
    return client.newEngine(allocator);
  }
}
