package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.redirect.net.TestPod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Clients of the SOCKS5 port of a pod.
class SocksTest {
  private static final byte[] NO_PASSWORD = {5, 1, 0};
  private static final byte[] SUCCESS = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.b.serve(8080);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void an_address_is_reached_as_if_it_had_been_dialled() throws Exception {
    try (var socket = connect()) {
      greet(socket);
      socket.getOutputStream().write(request(1, new byte[] {(byte) 192, 0, 2, 12}));

      assertThat(socket.getInputStream().readNBytes(10)).isEqualTo(SUCCESS);
      assertThat(TestPod.say(socket, "hello")).isEqualTo("8080 192.0.2.11 hello");
    }
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> mesh.lines().stream().anyMatch(l -> l.contains("direction=\"outbound\"")));
    assertThat(mesh.lines()).anyMatch(line -> line.contains("dst.hbone_addr=192.0.2.12:8080"));
  }

  @Test
  void an_ipv6_address_is_reached() throws Exception {
    try (var socket = connect()) {
      greet(socket);
      var address = InetAddress.ofLiteral("2001:db8::12").getAddress();
      socket.getOutputStream().write(request(4, address));

      assertThat(socket.getInputStream().readNBytes(10)).isEqualTo(SUCCESS);
      assertThat(TestPod.say(socket, "hello")).endsWith(" hello");
    }
  }

  @Test
  void a_name_of_the_mesh_is_reached_and_what_was_said_early_arrives() throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(8080, 8080).build()));
    mesh.put(
        new MeshUpdate.PutWorkload(
            captured("b", "192.0.2.12").service(key("svc"), PortMap.empty()).build()));
    try (var socket = connect()) {
      var all = new ByteArrayOutputStream();
      all.writeBytes(NO_PASSWORD);
      all.writeBytes(named("svc.com"));
      all.writeBytes("hello\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(all.toByteArray());

      assertThat(socket.getInputStream().readNBytes(2)).isEqualTo(new byte[] {5, 0});
      assertThat(socket.getInputStream().readNBytes(10)).isEqualTo(SUCCESS);
      assertThat(new String(socket.getInputStream().readNBytes(22), StandardCharsets.US_ASCII))
          .isEqualTo("8080 192.0.2.11 hello\n");
    }
  }

  @Test
  void a_name_that_nobody_knows_is_unreachable() throws Exception {
    try (var socket = connect()) {
      greet(socket);
      socket.getOutputStream().write(named("nobody.example"));

      assertThat(socket.getInputStream().readNBytes(2)).isEqualTo(new byte[] {5, 4});
      assertThat(socket.getInputStream().readAllBytes()).hasSize(8);
    }
    mesh.awaitLine(line -> line.endsWith("error=\"dns response had no valid IP addresses\""));
  }

  @Test
  void other_commands_versions_and_forms_are_refused() throws Exception {
    var bind = request(1, new byte[4]);
    bind[1] = 2;
    for (var wrong : new byte[][] {bind, {4, 1, 0, 0, 0}, {5, 1, 0, 9, 0, 0}}) {
      try (var socket = connect()) {
        greet(socket);
        socket.getOutputStream().write(wrong);

        assertThat(socket.getInputStream().readNBytes(2)).isEqualTo(new byte[] {5, 7});
        assertThat(socket.getInputStream().readAllBytes()).hasSize(8);
      }
    }
  }

  @Test
  void a_client_that_insists_on_a_password_is_told_so() throws Exception {
    try (var socket = connect()) {
      socket.getOutputStream().write(new byte[] {5, 1, 2});

      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(new byte[] {5, (byte) 0xff});
    }
  }

  private Socket connect() throws IOException {
    return mesh.a.connect("127.0.0.1", PodSettings.SOCKS_PORT);
  }

  private static void greet(Socket socket) throws IOException {
    socket.getOutputStream().write(NO_PASSWORD);
    assertThat(socket.getInputStream().readNBytes(2)).isEqualTo(new byte[] {5, 0});
  }

  private static byte[] named(String host) {
    var name = new byte[host.length() + 1];
    name[0] = (byte) host.length();
    System.arraycopy(host.getBytes(StandardCharsets.US_ASCII), 0, name, 1, host.length());
    return request(3, name);
  }

  /// To port 8080.
  private static byte[] request(int form, byte[] address) {
    var request = new byte[4 + address.length + 2];
    request[0] = 5;
    request[1] = 1;
    request[3] = (byte) form;
    System.arraycopy(address, 0, request, 4, address.length);
    request[4 + address.length] = 8080 >> 8;
    request[5 + address.length] = (byte) (8080 & 0xff);
    return request;
  }
}
