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
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
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
    var client = SSLContext.getInstance("TLS");
    client.init(
        new KeyManager[] {new OwnKey(PEER.key(), PEER.chain())},
        InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        null);
    var sessions = new ArrayList<Long>();
    try (var server =
        ListeningServer.bind(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> OWN,
            new ListenSettings(
                ServerSettings.DEFAULT, TlsSettings.defaults().withEngine(engine), Kind.EPOLL, 1),
            new Failures(failures))) {
      for (int i = 0; i < 3; i++) {
        sessions.add(session(client, server.address()));
      }
    }

    assertThat(failures).isEmpty();
    assertThat(sessions).doesNotHaveDuplicates();
  }

  /// Dials, reads the first byte of HTTP/2 and with it what came before: tickets. Returns when the
  /// session was made.
  private static long session(SSLContext client, InetSocketAddress to) throws Exception {
    Thread.sleep(2); // sessions are told apart by the millisecond they were made in
    try (var tls =
        (SSLSocket) client.getSocketFactory().createSocket(to.getAddress(), to.getPort())) {
      tls.setSoTimeout(5_000);
      var parameters = tls.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setApplicationProtocols(new String[] {"h2"});
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      assertThat(tls.getInputStream().read()).as("the first byte of SETTINGS").isNotNegative();
      return tls.getSession().getCreationTime();
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
