package dev.kiri.hbone.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Clients that keep sessions (Envoy does) are let in again and again, each time by a whole
/// handshake: in a resumed session nobody would look at the certificate, which may have expired or
/// been revoked since.
@Timeout(60)
final class ResumptionTest {
  private static final TestCa CA = TestCa.root("mesh");
  private static final WorkloadCertificate OWN = CA.workload("default", "own");
  private static final WorkloadCertificate PEER = CA.workload("default", "peer");

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_client_that_would_resume_its_session_shakes_hands_anew(Engine engine) throws Exception {
    var failures = new CopyOnWriteArrayList<String>();
    var shown = new CopyOnWriteArrayList<X509Certificate>();
    var client = SSLContext.getInstance("TLS");
    client.init(
        new KeyManager[] {new OwnKey(PEER.key(), PEER.chain())},
        new TrustManager[] {new Believing(shown)},
        null);
    try (var server =
        ListeningServer.bind(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> OWN,
            new ListenSettings(
                ServerSettings.DEFAULT, TlsSettings.defaults().withEngine(engine), Kind.EPOLL, 1),
            new Failures(failures))) {
      for (int i = 0; i < 3; i++) {
        dial(client, server.address());
      }
    }

    assertThat(failures).isEmpty();
    assertThat(shown).hasSize(3).containsOnly(OWN.leaf());
  }

  /// Dials, and reads the first byte of HTTP/2 and with it what came before: tickets.
  private static void dial(SSLContext client, InetSocketAddress to) throws Exception {
    try (var tls =
        (SSLSocket) client.getSocketFactory().createSocket(to.getAddress(), to.getPort())) {
      tls.setSoTimeout(5_000);
      var parameters = tls.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setApplicationProtocols(new String[] {"h2"});
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      assertThat(tls.getInputStream().read()).as("the first byte of SETTINGS").isNotNegative();
    }
  }

  /// Believes every server, and notes what it is shown: nothing in a session that is resumed.
  private record Believing(List<X509Certificate> shown) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new IllegalStateException("servers only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      shown.add(chain[0]);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private record Failures(List<String> seen) implements ConnectListener {
    @Override
    public void connect(IncomingConnect incoming) {
      incoming.refuse(503);
    }

    @Override
    public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
      seen.add(text);
    }
  }
}
