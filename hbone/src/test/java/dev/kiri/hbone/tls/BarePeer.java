package dev.kiri.hbone.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/// A TLS endpoint of the JDK that presents whatever it is given, believes every peer and says how
/// the peer took it: `let in`, the name of the peer's alert, or `closed`.
///
/// `protocol` is the only TLS version that it speaks, `applications` its ALPN; an empty chain means
/// that it has no certificate.
record BarePeer(
    KeyPair keys, List<X509Certificate> chain, String protocol, List<String> applications) {
  private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

  BarePeer {
    chain = List.copyOf(chain);
    applications = List.copyOf(applications);
  }

  /// Dials. A TLS 1.3 client hears of its rejection only when it reads.
  String dial(InetSocketAddress to) throws Exception {
    try (var tls = (SSLSocket) context().getSocketFactory().createSocket()) {
      tls.setSoTimeout(20_000);
      tls.connect(to);
      configure(tls);
      return heard(tls);
    }
  }

  /// Waits for one client; the answer is how it took the certificate.
  Listening listen() throws Exception {
    var socket =
        (SSLServerSocket)
            context()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    var heard = new CompletableFuture<String>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (socket;
                  var tls = (SSLSocket) socket.accept()) {
                tls.setSoTimeout(20_000);
                configure(tls);
                tls.setUseClientMode(false);
                tls.setWantClientAuth(true);
                heard.complete(heard(tls));
              } catch (IOException e) {
                heard.completeExceptionally(e);
              }
            });
    return new Listening((InetSocketAddress) socket.getLocalSocketAddress(), heard);
  }

  record Listening(InetSocketAddress address, CompletableFuture<String> heard) {}

  private void configure(SSLSocket tls) {
    var parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {protocol});
    parameters.setApplicationProtocols(applications.toArray(String[]::new));
    tls.setSSLParameters(parameters);
  }

  /// The first bytes of HTTP/2 come from an end that has accepted its peer.
  private static String heard(SSLSocket tls) {
    try {
      tls.startHandshake();
      return tls.getInputStream().read() < 0 ? "closed" : "let in";
    } catch (EOFException e) {
      return "closed";
    } catch (SSLException e) {
      var alert = ALERT.matcher(String.valueOf(e.getMessage()));
      return alert.find() ? alert.group(1) : "closed";
    } catch (IOException e) {
      return "closed";
    }
  }

  private SSLContext context() throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(
        chain.isEmpty()
            ? new KeyManager[0]
            : new KeyManager[] {new OwnKey(keys.getPrivate(), chain)},
        InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        null);
    return context;
  }
}
