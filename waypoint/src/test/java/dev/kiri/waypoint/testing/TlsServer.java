package dev.kiri.waypoint.testing;

import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A TLS server that does to each connection what a script says.
public final class TlsServer implements AutoCloseable {
  /// What a handshake showed. Texts are empty where there was nothing.
  public record Seen(String serverName, String protocol, String clientSubject) {}

  private final ServerSocket listener;
  private final SSLContext context;
  private final boolean clientsShow;
  private final String[] protocols;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private final Map<Socket, Socket> below = new ConcurrentHashMap<>();

  /// @param protocols of ALPN that are accepted; none: it is not used
  /// @param clients whom clients must be certified by; null: they need no certificate
  public TlsServer(
      WorkloadCertificate own,
      @Nullable X509Certificate clients,
      List<String> protocols,
      RawServer.Script script) {
    this.clientsShow = clients != null;
    this.protocols = protocols.toArray(String[]::new);
    try {
      context = SSLContext.getInstance("TLS");
      KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
      keys.load(null, null);
      keys.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keyManagers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keyManagers.init(keys, new char[0]);
      KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
      roots.load(null, null);
      roots.setCertificateEntry("root", clients == null ? own.leaf() : clients);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(roots);
      context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
    Thread.ofVirtual().start(() -> accept(script));
  }

  private void accept(RawServer.Script script) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        Thread.ofVirtual().start(() -> run(script, socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void run(RawServer.Script script, Socket plain) {
    try (plain;
        SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket(plain, (InputStream) null, true)) {
      below.put(socket, plain);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      parameters.setNeedClientAuth(clientsShow);
      socket.setSSLParameters(parameters);
      gate.await();
      socket.startHandshake();
      var session = (ExtendedSSLSession) socket.getSession();
      String name =
          session.getRequestedServerNames().isEmpty()
              ? ""
              : ((SNIHostName) session.getRequestedServerNames().getFirst()).getAsciiName();
      String client =
          clientsShow
              ? ((X509Certificate) session.getPeerCertificates()[0])
                  .getSubjectX500Principal()
                  .getName()
              : "";
      seen.add(new Seen(name, socket.getApplicationProtocol(), client));
      script.run(socket, seen.size() - 1);
    } catch (Exception broken) {
      // the other side went away, which a test may be about
      return;
    }
  }

  /// Handshakes that stood, in their order.
  public List<Seen> seen() {
    return seen;
  }

  /// Handshakes wait until the latch is open.
  public void holdUntil(CountDownLatch latch) {
    gate = latch;
  }

  /// Connections that came, whether or not TLS stands.
  public int connections() {
    return below.size();
  }

  /// Ends the TCP connection below one of a script's and says nothing in TLS.
  public void cut(Socket connection) throws IOException {
    Socket plain = below.get(connection);
    if (plain == null) {
      throw new IllegalArgumentException("not a connection of this server");
    }
    plain.close();
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
