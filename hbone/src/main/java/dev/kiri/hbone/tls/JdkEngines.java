package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;

/// Engines of the JDK, made without Netty's wrapper: the trust manager must see the engine that it
/// is asked about.
final class JdkEngines implements EngineFactory {
  private static final String[] SUITES_13 = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"};
  private static final String[] SUITES_12_TOO = {
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  };

  /// Longer than a ticket may live (RFC 8446 section 4.6.1), for which the JDK sends none. A
  /// session that is resumed shows no certificate, so nobody could judge it again.
  private static final int NO_TICKETS_SECONDS = 8 * 24 * 3600;

  private final SSLContext context;
  private final boolean tls12;

  JdkEngines(WorkloadCertificate certificate, TlsSettings settings, PeerTrust trust) {
    this.tls12 = settings.tls12();
    try {
      context = SSLContext.getInstance("TLS");
      var own = new OwnKey(certificate.key(), certificate.chain());
      context.init(new KeyManager[] {own}, new TrustManager[] {trust}, null);
      context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("TLS contexts of " + certificate.identity(), e);
    }
  }

  @Override
  public SSLEngine server(ByteBufAllocator allocator) {
    var engine = engine(false);
    engine.setNeedClientAuth(true);
    return engine;
  }

  @Override
  public SSLEngine client(ByteBufAllocator allocator) {
    return engine(true);
  }

  private SSLEngine engine(boolean client) {
    var engine = context.createSSLEngine(); // without a peer name there is no SNI and no resumption
    engine.setUseClientMode(client);
    var parameters = engine.getSSLParameters();
    parameters.setProtocols(tls12 ? new String[] {"TLSv1.3", "TLSv1.2"} : new String[] {"TLSv1.3"});
    parameters.setCipherSuites(tls12 ? SUITES_12_TOO.clone() : SUITES_13.clone());
    parameters.setApplicationProtocols(new String[] {ApplicationProtocolNames.HTTP_2});
    engine.setSSLParameters(parameters);
    return engine;
  }
}
