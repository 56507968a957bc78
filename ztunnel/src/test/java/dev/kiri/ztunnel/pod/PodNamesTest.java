package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.service;
import static dev.kiri.ztunnel.dns.DnsBytes.A;
import static dev.kiri.ztunnel.dns.DnsBytes.AAAA;
import static dev.kiri.ztunnel.dns.DnsBytes.TXT;
import static dev.kiri.ztunnel.dns.DnsBytes.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.dns.DnsBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Names asked for by real sockets in real namespaces, of a name server that the pod believes in,
/// captured by the real rules.
class PodNamesTest {
  private static final String NAME_SERVER = "10.96.0.10";

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").build()));
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void a_name_of_the_mesh_is_answered_whatever_server_was_asked() throws Exception {
    for (var server : List.of(NAME_SERVER, "2001:db8::53", TestNetwork.NODE4)) {
      var answer = udp(server, question(7, "svc.com.", A));

      assertThat(answer.records()).containsExactly("svc.com. A 192.0.2.200");
      assertThat(answer.authoritative()).isTrue();
    }
  }

  @Test
  void it_is_answered_by_tcp_several_times_on_one_connection() throws Exception {
    try (var socket = connect(NAME_SERVER)) {
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      for (int id : new int[] {1, 2, 3}) {
        send(out, question(id, "svc.com.", A));
      }
      for (int id : new int[] {1, 2, 3}) {
        var answer = receive(in);
        assertThat(answer.id()).isEqualTo(id);
        assertThat(answer.records()).containsExactly("svc.com. A 192.0.2.200");
      }
    }
  }

  @Test
  void an_address_family_the_service_lacks_is_no_error_and_nobody_else_is_asked() throws Exception {
    try (var node = node(FakeNameServer::oneName)) {
      var answer = udp(NAME_SERVER, question(7, "svc.com.", AAAA));

      assertThat(answer.code()).isEqualTo(DnsResponseCode.NOERROR);
      assertThat(answer.records()).isEmpty();
      assertThat(node.asked()).isEmpty();
    }
  }

  @Test
  void other_names_are_asked_of_the_machines_name_server_by_the_pod() throws Exception {
    try (var node = node(FakeNameServer::oneName)) {
      var known = udp(NAME_SERVER, question(7, "known.example.", A));
      var unknown = udp(NAME_SERVER, question(8, "nothing.example.", A));

      assertThat(known.id()).isEqualTo(7);
      assertThat(known.records()).containsExactly("known.example. A 203.0.113.7");
      assertThat(known.authoritative()).isFalse();
      assertThat(unknown.code()).isEqualTo(DnsResponseCode.NXDOMAIN);
      assertThat(node.asked()).containsExactly("udp 192.0.2.11", "udp 192.0.2.11");
    }
  }

  @Test
  void what_a_name_server_said_is_remembered() throws Exception {
    try (var node = node(FakeNameServer::oneName)) {
      for (int id = 1; id < 5; id++) {
        assertThat(udp(NAME_SERVER, question(id, "known.example.", A)).id()).isEqualTo(id);
      }
      assertThat(node.asked()).hasSize(1);
    }
  }

  @Test
  void a_question_by_tcp_is_forwarded_by_tcp() throws Exception {
    try (var node = node(FakeNameServer::oneName);
        var socket = connect(NAME_SERVER)) {
      send(new DataOutputStream(socket.getOutputStream()), question(7, "known.example.", A));

      var answer = receive(new DataInputStream(socket.getInputStream()));

      assertThat(answer.records()).containsExactly("known.example. A 203.0.113.7");
      assertThat(node.asked()).containsExactly("tcp 192.0.2.11");
    }
  }

  @Test
  void a_name_of_the_mesh_is_not_denied_when_asked_for_other_records() throws Exception {
    try (var node = node(FakeNameServer::oneName)) {
      var ofMesh = udp(NAME_SERVER, question(7, "svc.com.", TXT));
      var ofNobody = udp(NAME_SERVER, question(7, "nobody.com.", TXT));

      assertThat(ofMesh.code()).isEqualTo(DnsResponseCode.NOERROR);
      assertThat(ofNobody.code()).isEqualTo(DnsResponseCode.NXDOMAIN);
      assertThat(node.asked()).hasSize(2);
    }
  }

  @Test
  void an_answer_to_another_question_is_not_heard() throws Exception {
    try (var node =
        node((asked, tcp) -> DnsBytes.answer(question(7, "other.example.", A), 0, 1, "10.0.0.1"))) {
      assertThatThrownBy(() -> udp(NAME_SERVER, question(7, "known.example.", A)))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(node.asked()).isNotEmpty();
    }
  }

  @Test
  void where_no_name_server_listens_the_client_hears_of_failure_at_once() throws Exception {
    var answer = udp(NAME_SERVER, question(7, "known.example.", A));

    assertThat(answer.code()).isEqualTo(DnsResponseCode.SERVFAIL);
  }

  @Test
  void a_server_that_fails_is_not_hidden() throws Exception {
    try (var node = node((asked, tcp) -> DnsBytes.answer(asked, 5, 0))) {
      assertThat(udp(NAME_SERVER, question(7, "known.example.", A)).code())
          .isEqualTo(DnsResponseCode.REFUSED);
      assertThat(node.asked()).hasSize(1);
    }
  }

  @Test
  void bad_packets_are_refused_and_good_ones_go_on() throws Exception {
    assertThat(udp(NAME_SERVER, question(7, "svc.com.", A).setShort(2, 0x2800)).code())
        .isEqualTo(DnsResponseCode.NOTIMP);
    assertThat(udp(NAME_SERVER, question(7, "svc.com.", A).setShort(4, 9)).code())
        .isEqualTo(DnsResponseCode.FORMERR);
    assertThatThrownBy(() -> udp(NAME_SERVER, Unpooled.wrappedBuffer(new byte[3])))
        .isInstanceOf(SocketTimeoutException.class);

    assertThat(udp(NAME_SERVER, question(7, "svc.com.", A)).code())
        .isEqualTo(DnsResponseCode.NOERROR);
  }

  @Test
  void a_pod_has_a_bounded_number_of_questions_open_and_hears_so() throws Exception {
    var unanswered = new AtomicInteger();
    try (var node =
            node(
                (asked, tcp) -> {
                  unanswered.incrementAndGet();
                  return null;
                });
        var socket = mesh.a.netns().inside(() -> new DatagramSocket())) {
      socket.setSoTimeout(1500);
      for (int id = 0; id < 256; id++) {
        send(socket, NAME_SERVER, question(id, "n" + id + ".example.", A));
        if (id % 16 == 15) { // no more at once than sockets hold
          int soFar = id + 1;
          await().atMost(Duration.ofSeconds(5)).until(() -> unanswered.get() == soFar);
        }
      }
      for (int id = 256; id < 266; id++) {
        send(socket, NAME_SERVER, question(id, "n" + id + ".example.", A));

        var answer = receive(socket);
        assertThat(answer.id()).isEqualTo(id);
        assertThat(answer.code()).isEqualTo(DnsResponseCode.SERVFAIL);
      }
      assertThat(udp(NAME_SERVER, question(7, "other.com.", A)).code())
          .isEqualTo(DnsResponseCode.SERVFAIL);
      assertThat(node.asked()).hasSize(256);
    }
  }

  @Test
  void a_connection_in_the_middle_of_a_question_does_not_stay() throws Exception {
    try (var socket = connect(NAME_SERVER)) {
      socket.setSoTimeout(8000);
      socket.getOutputStream().write(new byte[] {0, 40, 1});

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private FakeNameServer node(
      java.util.function.BiFunction<ByteBuf, Boolean, @org.jspecify.annotations.Nullable ByteBuf>
          answers)
      throws IOException {
    return new FakeNameServer(mesh.network.node(), TestNetwork.NODE4, answers);
  }

  private DnsBytes.Answer udp(String server, ByteBuf question) throws IOException {
    try (var socket = mesh.a.netns().inside(() -> new DatagramSocket())) {
      socket.setSoTimeout(1500);
      send(socket, server, question);
      return receive(socket);
    }
  }

  private static void send(DatagramSocket socket, String server, ByteBuf question)
      throws IOException {
    var bytes = new byte[question.readableBytes()];
    question.readBytes(bytes);
    var to = InetAddress.ofLiteral(server);
    socket.send(new DatagramPacket(bytes, bytes.length, to, 53));
  }

  private static DnsBytes.Answer receive(DatagramSocket socket) throws IOException {
    var packet = new DatagramPacket(new byte[4096], 4096);
    socket.receive(packet);
    return DnsBytes.decode(Unpooled.copiedBuffer(packet.getData(), 0, packet.getLength()));
  }

  private Socket connect(String server) throws IOException {
    return mesh.a
        .netns()
        .inside(
            () -> {
              var socket = new Socket();
              socket.setSoTimeout(1500);
              socket.connect(TestMesh.at(server, 53), 1500);
              return socket;
            });
  }

  private static void send(DataOutputStream out, ByteBuf question) throws IOException {
    out.writeShort(question.readableBytes());
    question.readBytes(out, question.readableBytes());
  }

  private static DnsBytes.Answer receive(DataInputStream in) throws IOException {
    var answer = new byte[in.readUnsignedShort()];
    in.readFully(answer);
    return DnsBytes.decode(Unpooled.wrappedBuffer(answer));
  }
}
