package dev.kiri.hbone.conformance.wire;

import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// TLS 1.3 with ALPN `h2` by the JDK. Presents what it is told to and believes every peer: judging
/// certificates is the business of the examined side.
final class RawTls {

  /// Returns after the client's last handshake message; whether the peer accepts the certificate
  /// shows only in what it sends next.
  static SSLSocket dial(InetSocketAddress to, WorkloadCertificate as, Duration limit)
      throws IOException {
    var tcp = new Socket();
    try {
      tcp.setTcpNoDelay(true);
      tcp.connect(to, (int) limit.toMillis());
      tcp.setSoTimeout((int) limit.toMillis());
      var tls =
          (SSLSocket)
              context(as)
                  .getSocketFactory()
                  .createSocket(tcp, to.getHostString(), to.getPort(), true);
      var parameters = tls.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setApplicationProtocols(new String[] {"h2"});
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return tls;
    } catch (IOException e) {
      tcp.close();
      throw e;
    }
  }

  /// The accepting end; the peer must present a certificate, any. What it offered is put into
  /// `offered`.
  static SSLSocket accept(
      Socket tcp, WorkloadCertificate as, Duration limit, Collection<String> offered)
      throws IOException {
    tcp.setTcpNoDelay(true);
    tcp.setSoTimeout((int) limit.toMillis());
    var tls = (SSLSocket) context(as).getSocketFactory().createSocket(tcp, null, true);
    tls.setUseClientMode(false);
    tls.setNeedClientAuth(true);
    var parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    tls.setSSLParameters(parameters);
    tls.setHandshakeApplicationProtocolSelector(
        (_, protocols) -> {
          offered.addAll(protocols);
          return protocols.contains("h2") ? "h2" : "";
        });
    tls.startHandshake();
    return tls;
  }

  private static SSLContext context(WorkloadCertificate as) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new OneKey(as)},
          InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private RawTls() {}

  /// Whatever authorities the peer names, the one key is presented.
  private static final class OneKey extends X509ExtendedKeyManager {
    private final WorkloadCertificate certificate;

    OneKey(WorkloadCertificate certificate) {
      this.certificate = certificate;
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return "own";
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return "own";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return certificate.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return certificate.key();
    }
  }
}
