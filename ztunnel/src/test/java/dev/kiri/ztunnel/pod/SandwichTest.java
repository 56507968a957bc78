package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderReader;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.PortMap;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Row 13 of the pinned wire cases, on real sockets: pod `b` is a waypoint that is captured itself,
/// `a` its client, 192.0.2.13 a server and 192.0.2.100 its service's address. Whoever is attached
/// to this waypoint is handed to it, whoever is not is rejected (istio/ztunnel
/// `src/proxy/inbound.rs`).
class SandwichTest {
  private static final String WAYPOINT_POD = "192.0.2.12";
  private static final String WAYPOINT_VIP = "192.0.2.101";
  private static final String SERVER_POD = "192.0.2.13";
  private static final String SERVER_VIP = "192.0.2.100";
  private static final int PORT = 8080;

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.put(new MeshUpdate.PutService(service("wp").vip(WAYPOINT_VIP).port(15008, 15008).build()));
    waypoint(null);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  private void waypoint(@Nullable ApplicationTunnel tunnel) {
    var pod = captured("b", WAYPOINT_POD, "2001:db8::12").service(key("wp"), PortMap.empty());
    mesh.put(
        new MeshUpdate.PutWorkload((tunnel == null ? pod : pod.applicationTunnel(tunnel)).build()));
  }

  /// The server, or its service, refers to this waypoint.
  private void attach(boolean workload, @Nullable GatewayAddress waypoint) {
    var pod = captured("server", SERVER_POD).service(key("svc"), PortMap.of(PORT, PORT));
    var svc = service("svc").vip(SERVER_VIP).port(PORT, PORT);
    if (waypoint != null && workload) {
      pod.waypoint(waypoint);
    } else if (waypoint != null) {
      svc.waypoint(waypoint);
    }
    mesh.put(new MeshUpdate.PutWorkload(pod.build()));
    mesh.put(new MeshUpdate.PutService(svc.build()));
  }

  private static String asked(boolean workload) {
    return workload ? SERVER_POD : SERVER_VIP;
  }

  @ParameterizedTest(name = "row 13: {0} that names {1}")
  @CsvSource({"workload,pod", "workload,vip", "service,pod", "service,vip"})
  void row_13_who_is_attached_is_handed_to_the_waypoint(String level, String by) throws Exception {
    boolean workload = level.equals("workload");
    attach(workload, byAddress(by.equals("pod") ? WAYPOINT_POD : WAYPOINT_VIP, 15008));
    mesh.b.serve(PORT);

    assertThat(mesh.a.ask(asked(workload), PORT)).isEqualTo("8080 192.0.2.11 hello");
  }

  @ParameterizedTest(name = "row 13: {0} that names {1}, with PROXY protocol")
  @CsvSource({"workload,pod", "workload,vip", "service,pod", "service,vip"})
  void row_13_with_an_application_tunnel_the_header_names_what_was_asked_for(
      String level, String by) throws Exception {
    boolean workload = level.equals("workload");
    waypoint(new ApplicationTunnel(ApplicationTunnel.Protocol.PROXY, 15088));
    attach(workload, byAddress(by.equals("pod") ? WAYPOINT_POD : WAYPOINT_VIP, 15008));
    try (var loopback = listening(15088)) {
      var heard = CompletableFuture.supplyAsync(() -> firstBytes(loopback));
      try (var socket = mesh.a.connect(asked(workload), PORT)) {
        socket.getOutputStream().write("hello".getBytes(UTF_8));

        var header = heard.get(20, TimeUnit.SECONDS);

        assertThat(header.destination()).isEqualTo(at(asked(workload), PORT));
        assertThat(header.source().getAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.11"));
        assertThat(header.identity()).isEqualTo(SpiffeId.of("cluster.local", "ns", "a"));
      }
    }
  }

  private ServerSocket listening(int port) throws IOException {
    return mesh.b
        .netns()
        .inside(
            () -> {
              var socket = new ServerSocket();
              socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
              return socket;
            });
  }

  /// The header, and after it the client's own bytes.
  private static ProxyHeader firstBytes(ServerSocket listener) {
    try (var socket = listener.accept()) {
      socket.setSoTimeout(10_000);
      var all = new byte[0];
      while (true) {
        int next = socket.getInputStream().read();
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = (byte) next;
        if (ProxyHeaderReader.read(Unpooled.wrappedBuffer(all))
            instanceof ProxyHeaderRead.Relayed(var header, _)) {
          assertThat(socket.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(UTF_8));
          return header;
        }
        assertThat(next).isNotNegative();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void row_13_who_is_not_attached_is_rejected() throws Exception {
    attach(true, null);
    mesh.b.serve(PORT);

    assertThat(mesh.requestAtB(SERVER_POD + ":" + PORT)).isEqualTo("http status: 400 Bad Request");
    assertThat(mesh.requestAtB(SERVER_VIP + ":" + PORT)).isEqualTo("http status: 400 Bad Request");
  }

  @Test
  void row_13_who_is_attached_at_the_other_level_is_rejected() throws Exception {
    mesh.b.serve(PORT);

    attach(true, byAddress(WAYPOINT_POD, 15008));
    assertThat(mesh.requestAtB(SERVER_POD + ":" + PORT)).isEqualTo("200");
    assertThat(mesh.requestAtB(SERVER_VIP + ":" + PORT)).isEqualTo("http status: 400 Bad Request");

    attach(false, byAddress(WAYPOINT_POD, 15008));
    assertThat(mesh.requestAtB(SERVER_VIP + ":" + PORT)).isEqualTo("200");
    assertThat(mesh.requestAtB(SERVER_POD + ":" + PORT)).isEqualTo("http status: 400 Bad Request");
  }
}
