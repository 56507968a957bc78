package dev.kiri.hbone.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.client.ClientSettings;
import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.client.HboneTarget;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a file of CRLs does to handshakes and to tunnels that stand, on real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class RevocationFileTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final TestCa ca = TestCa.root("mesh");
  private final WorkloadCertificate client = ca.workload("default", "client");
  private final WorkloadCertificate server = ca.workload("default", "server");

  private final List<String> troubles = new CopyOnWriteArrayList<>();

  @TempDir Path folder;

  private RevocationFile empty() throws IOException {
    return new RevocationFile(Files.createFile(file()), troubles::add);
  }

  private Path file() {
    return folder.resolve("ca-crl.pem");
  }

  private void revoke(RevocationFile list, X509Certificate certificate) throws IOException {
    Files.writeString(file(), ca.revoking(certificate));
    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Changed(1));
  }

  private ListeningServer serving(Engine engine, Revocations revocations) throws IOException {
    return serving(engine, revocations, server);
  }

  private ListeningServer serving(
      Engine engine, Revocations revocations, WorkloadCertificate certificate) throws IOException {
    return ListeningServer.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        () -> certificate,
        new ListenSettings(
            ServerSettings.DEFAULT,
            TlsSettings.defaults().withEngine(engine).withRevocations(revocations),
            NettyTransport.Kind.EPOLL,
            1),
        new SocketListener(
            _ -> 200,
            socket -> {
              socket.inputStream().transferTo(socket.outputStream());
              socket.shutdownOutput();
            }));
  }

  private HboneClient dialling(Engine engine, Revocations revocations) {
    return new HboneClient(
        () -> client,
        new ClientSettings(
            PoolSettings.DEFAULT,
            TlsSettings.defaults().withEngine(engine).withRevocations(revocations),
            NettyTransport.Kind.EPOLL,
            1));
  }

  private static HboneTarget target(ListeningServer at) {
    return new HboneTarget(
        at.address(), List.of(SERVER), ConnectRequest.to(Authority.parse("10.0.0.1:80")));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_server_revoked_meanwhile_loses_its_tunnel_and_is_not_dialled_again(Engine engine)
      throws Exception {
    try (var list = empty();
        var at = serving(engine, Revocations.NONE);
        var dialling = dialling(engine, list);
        var held = dialling.connect(target(at))) {
      list.onChange(dialling::closeRevoked);
      held.outputStream().write(7);
      assertThat(held.inputStream().read()).isEqualTo(7);

      revoke(list, server.leaf());

      assertThatThrownBy(() -> held.inputStream().read())
          .hasMessage("the tunnel was lost: connection closed: peer certificate revoked by CRL");
      assertThatThrownBy(() -> dialling.connect(target(at)))
          .hasMessage("io error: invalid peer certificate: Revoked");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_client_revoked_meanwhile_loses_its_tunnel_and_is_not_let_in_again(Engine engine)
      throws Exception {
    try (var list = empty();
        var at = serving(engine, list);
        var dialling = dialling(engine, Revocations.NONE);
        var held = dialling.connect(target(at))) {
      list.onChange(at::closeRevoked);

      revoke(list, client.leaf());

      assertThatThrownBy(() -> held.inputStream().read()).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> dialling.connect(target(at))).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void row_7_a_server_is_refused_when_its_intermediate_is_revoked(Engine engine) throws Exception {
    var below = ca.intermediate("below");
    var chained = below.leaf().uri(SERVER.uri()).issue(ca.certificate());
    try (var list = empty();
        var at = serving(engine, Revocations.NONE, chained);
        var dialling = dialling(engine, list)) {
      revoke(list, below.certificate());

      assertThatThrownBy(() -> dialling.connect(target(at)))
          .hasMessage("io error: invalid peer certificate: Revoked");
    }
  }

  @Test
  void revoking_somebody_else_leaves_a_tunnel_alone() throws Exception {
    try (var list = empty();
        var at = serving(Engine.best(), list);
        var dialling = dialling(Engine.best(), list);
        var held = dialling.connect(target(at))) {
      list.onChange(at::closeRevoked);
      list.onChange(dialling::closeRevoked);

      revoke(list, ca.workload("default", "other").leaf());

      held.outputStream().write(7);
      assertThat(held.inputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void an_authority_of_the_same_name_and_serial_revokes_nothing_of_this_one_and_is_told_once()
      throws Exception {
    var namesake = TestCa.root("mesh");
    var list = empty();
    Files.writeString(file(), namesake.revoking(client.leaf()));

    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Changed(1));
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isFalse();
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isFalse();
    assertThat(troubles)
        .containsExactly(
            file()
                + ": the list of CN=mesh,O=test has serial number "
                + client.leaf().getSerialNumber()
                + ", but is not signed by the authority that issued it: it is not revoked");
  }

  @Test
  void of_two_lists_of_one_name_the_one_that_the_issuer_signed_counts() throws Exception {
    var namesake = TestCa.root("mesh");
    var list = empty();
    Files.writeString(file(), namesake.revoking() + ca.revoking(client.leaf()));

    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Changed(2));
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isTrue();
    assertThat(list.isRevoked(client.leaf(), namesake.certificate())).isFalse();
  }

  @Test
  void an_issuer_that_may_not_sign_lists_revokes_nothing() throws Exception {
    var list = empty();
    revoke(list, client.leaf());

    // same name and key as the authority's, but a leaf's key usage
    var leaf = ca.leaf().uri(SERVER.uri()).certificate(TestCa.newKeys());
    assertThat(list.isRevoked(client.leaf(), leaf)).isFalse();
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isTrue();
  }

  @Test
  void a_list_that_is_overdue_counts_all_the_same_and_is_told() throws Exception {
    var list = empty();
    var due = Instant.now().minusSeconds(3_600).truncatedTo(ChronoUnit.SECONDS);
    Files.writeString(file(), ca.revoking(due, client.leaf()));

    list.look();
    list.look();

    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isTrue();
    assertThat(troubles)
        .containsExactly(
            file()
                + ": the list of CN=mesh,O=test was to be replaced at "
                + due
                + ": it still counts");
  }

  @Test
  void a_list_that_becomes_overdue_while_it_is_watched_is_told() throws Exception {
    var now = new AtomicReference<>(Instant.now());
    var list = new RevocationFile(Files.createFile(file()), troubles::add, now::get);
    Files.writeString(file(), ca.revoking(now.get().plusSeconds(60), client.leaf()));
    list.look();
    assertThat(troubles).isEmpty();

    now.set(now.get().plusSeconds(120));
    list.look();

    assertThat(troubles).singleElement().asString().contains("was to be replaced at");
  }

  @Test
  void a_file_that_cannot_be_read_leaves_what_was_known_and_is_told() throws Exception {
    var list = empty();
    revoke(list, client.leaf());

    for (var junk : List.of("junk", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")) {
      Files.writeString(file(), junk);
      assertThat(list.look()).isInstanceOf(RevocationFile.Look.Unreadable.class);
    }
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isTrue();
    assertThat(troubles)
        .isNotEmpty()
        .allMatch(text -> text.endsWith(": what was known before still counts"));
  }

  @Test
  void blocks_that_are_no_lists_are_passed_over() throws Exception {
    var list = empty();
    var other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    Files.writeString(file(), other + ca.revoking(client.leaf()) + other);

    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Changed(1));
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isTrue();
  }

  @Test
  void an_emptied_or_missing_file_revokes_nothing_and_the_same_content_is_no_change()
      throws Exception {
    var list = empty();
    revoke(list, client.leaf());
    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Unchanged());

    Files.delete(file());

    assertThat(list.look()).isEqualTo(new RevocationFile.Look.Changed(0));
    assertThat(list.isRevoked(client.leaf(), ca.certificate())).isFalse();
    list.look();
    assertThat(troubles).contains(file() + ": is not there: nothing is revoked");
  }

  @Test
  void a_watched_file_that_is_swapped_by_a_link_is_noticed() throws Exception {
    var first = Files.createFile(folder.resolve("first"));
    var second = Files.writeString(folder.resolve("second"), ca.revoking(client.leaf()));
    var link = Files.createSymbolicLink(folder.resolve("link"), first);
    var noticed = new CompletableFuture<Boolean>();
    try (var list = new RevocationFile(link, troubles::add)) {
      list.onChange(() -> noticed.complete(list.isRevoked(client.leaf(), ca.certificate())));
      list.watch(Duration.ofMillis(5));

      Files.createSymbolicLink(folder.resolve("next"), second);
      Files.move(folder.resolve("next"), link, StandardCopyOption.REPLACE_EXISTING);

      assertThat(noticed.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
