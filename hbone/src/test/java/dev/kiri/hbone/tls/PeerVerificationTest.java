package dev.kiri.hbone.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who is let in, and what the logs say of the others, by real handshakes with both engines.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class PeerVerificationTest {
  private static final String SERVER_URI = LoopbackMesh.SERVER.uri();
  private static final String CLIENT_URI = LoopbackMesh.CLIENT.uri();

  private final TestCa ca = TestCa.root("mesh");

  private static Options options(Engine engine) {
    return Options.defaults().with(engine, TunnelSettings.Records.DIRECT);
  }

  /// What one attempt leads to; the application's answer is the digit 7.
  private static boolean answered(LoopbackMesh mesh) throws IOException {
    try (var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
      socket.setSoTimeout(10_000);
      return socket.getInputStream().read() == 7;
    } catch (SocketException e) {
      return false;
    }
  }

  private void expect(
      Options options,
      WorkloadCertificate client,
      WorkloadCertificate server,
      String clientError,
      String serverError)
      throws Exception {
    try (var app = EchoServer.running(socket -> socket.getOutputStream().write(7));
        var mesh = LoopbackMesh.between(app.address(), options, client, server)) {
      boolean answered = answered(mesh);

      assertThat(answered).isEqualTo(clientError.isEmpty() && serverError.isEmpty());
      if (!clientError.isEmpty()) {
        await().untilAsserted(() -> assertThat(mesh.bridgeErrors).contains(clientError));
      }
      if (!serverError.isEmpty()) {
        await().untilAsserted(() -> assertThat(mesh.tlsFailures).contains(serverError));
      }
    }
  }

  private WorkloadCertificate server() {
    return ca.leaf().uri(SERVER_URI).issue(ca.certificate());
  }

  private WorkloadCertificate client() {
    return ca.leaf().uri(CLIENT_URI).issue(ca.certificate());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void two_of_one_mesh_trust_each_other(Engine engine) throws Exception {
    expect(options(engine), client(), server(), "", "");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_server_that_is_somebody_else_is_refused(Engine engine) throws Exception {
    var other = SpiffeId.of("cluster.local", "default", "other");

    expect(
        options(engine),
        client(),
        ca.leaf().uri(other.uri()).issue(ca.certificate()),
        "io error: invalid peer certificate: Other(OtherError(identity verification error: peer did"
            + " not present the expected SAN ("
            + SERVER_URI
            + "), got "
            + other
            + "))",
        "");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void one_of_several_names_is_enough(Engine engine) throws Exception {
    expect(
        options(engine),
        client(),
        ca.leaf().uri("spiffe://cluster.local/ns/x/sa/y").uri(SERVER_URI).issue(ca.certificate()),
        "",
        "");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_client_of_another_trust_domain_is_refused(Engine engine) throws Exception {
    expect(
        options(engine),
        ca.leaf().uri("spiffe://clusterset.local/ns/default/sa/client").issue(ca.certificate()),
        server(),
        "",
        "tls handshake error: Custom { kind: InvalidData, error:"
            + " InvalidCertificate(Other(OtherError(SanTrustDomainError(\"cluster.local\", [Spiffe"
            + " { trust_domain: \"clusterset.local\", namespace: \"default\", service_account:"
            + " \"client\" }])))) }");
  }

  @Test
  void a_trust_domain_that_is_accepted_besides_the_own_one_is_let_in() throws Exception {
    var defaults = Options.defaults();
    var accepting = defaults.tls().accepting(Set.of(new TrustDomain("clusterset.local")));

    expect(
        new Options(defaults.transport(), accepting, defaults.client(), defaults.server(), 100, 1),
        ca.leaf().uri("spiffe://clusterset.local/ns/default/sa/client").issue(ca.certificate()),
        server(),
        "",
        "");
  }

  @Test
  void a_server_of_an_unknown_root_is_refused() throws Exception {
    var foreign = TestCa.root("foreign");

    expect(
        Options.defaults(),
        client(),
        foreign.leaf().uri(SERVER_URI).issue(ca.certificate()),
        "io error: invalid peer certificate: UnknownIssuer",
        "");
  }

  @Test
  void two_roots_work_while_both_sides_have_both() throws Exception {
    var second = TestCa.root("second");

    expect(
        Options.defaults(),
        ca.leaf().uri(CLIENT_URI).issue(ca.certificate(), second.certificate()),
        second.leaf().uri(SERVER_URI).issue(ca.certificate(), second.certificate()),
        "",
        "");
  }

  @Test
  void an_intermediate_in_the_chain_leads_to_the_root() throws Exception {
    var below = ca.intermediate("below");

    expect(
        Options.defaults(),
        below.leaf().uri(CLIENT_URI).issue(ca.certificate()),
        below.leaf().uri(SERVER_URI).issue(ca.certificate()),
        "",
        "");
  }

  @Test
  void expired_and_not_yet_valid_certificates_are_refused() throws Exception {
    var now = Instant.now();
    var expired =
        ca.leaf()
            .uri(SERVER_URI)
            .valid(now.minus(Duration.ofHours(2)), now.minus(Duration.ofHours(1)));
    var early =
        ca.leaf()
            .uri(SERVER_URI)
            .valid(now.plus(Duration.ofHours(1)), now.plus(Duration.ofHours(2)));

    expect(
        Options.defaults(),
        client(),
        expired.issue(ca.certificate()),
        "io error: invalid peer certificate: Expired",
        "");
    expect(
        Options.defaults(),
        client(),
        early.issue(ca.certificate()),
        "io error: invalid peer certificate: NotValidYet",
        "");
  }

  @Test
  void a_certificate_for_clients_only_is_no_server() throws Exception {
    expect(
        Options.defaults(),
        client(),
        ca.leaf().uri(SERVER_URI).purposes(KeyPurposeId.id_kp_clientAuth).issue(ca.certificate()),
        "io error: invalid peer certificate: InvalidPurpose",
        "");
  }

  @Test
  void a_revoked_server_is_refused() throws Exception {
    var server = server();
    var serial = server.leaf().getSerialNumber();
    var defaults = Options.defaults();
    var tls = defaults.tls().withRevocations((c, _) -> c.getSerialNumber().equals(serial));

    expect(
        new Options(defaults.transport(), tls, defaults.client(), defaults.server(), 100, 1),
        client(),
        server,
        "io error: invalid peer certificate: Revoked",
        "");
  }

  @Test
  void post_quantum_key_exchange_alone_works_between_two_that_have_it() throws Exception {
    var defaults = Options.defaults();

    expect(
        new Options(
            defaults.transport(),
            defaults.tls().withPostQuantumOnly(true),
            defaults.client(),
            defaults.server(),
            100,
            1),
        client(),
        server(),
        "",
        "");
  }

  @Test
  void plain_text_on_the_tunnel_port_ends_the_connection() throws Exception {
    try (var app = EchoServer.echo();
        var mesh = LoopbackMesh.to(app.address(), Options.defaults());
        var socket = new Socket(mesh.tunnels().getAddress(), mesh.tunnels().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      while (socket.getInputStream().read() >= 0) {
        // an alert, perhaps
      }
      await().until(() -> !mesh.tlsFailures.isEmpty());
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
