package dev.kiri.ops.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerTest {
  private final AdminServer server = AdminServer.named("test");
  private final HttpClient client = HttpClient.newHttpClient();
  private InetSocketAddress address = new InetSocketAddress(0);

  @BeforeEach
  void start() {
    server
        .route("GET", "/hello", r -> AdminResponse.text(200, "hello " + r.parameter("who") + "\n"))
        .route("POST", "/echo", r -> AdminResponse.text(200, r.body()))
        .route(
            "GET",
            "/broken",
            r -> {
              throw new IOException("disk on fire");
            })
        .route(
            "GET",
            "/large",
            r ->
                AdminResponse.streaming(
                    200,
                    "text/plain",
                    out -> {
                      for (int i = 0; i < 50_000; i++) {
                        out.write("0123456789\n".getBytes(UTF_8));
                      }
                    }))
        .start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    address = server.addresses().getFirst();
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void answers_a_route() throws Exception {
    var response = get("/hello?who=mesh");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("hello mesh\n");
    assertThat(response.headers().firstValue("content-length")).hasValue("11");
  }

  @Test
  void reads_a_body() throws Exception {
    var request = request("/echo").POST(HttpRequest.BodyPublishers.ofString("a body")).build();

    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("a body");
  }

  @Test
  void an_unknown_path_is_not_found() throws Exception {
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void another_method_is_not_allowed() throws Exception {
    assertThat(get("/echo").statusCode()).isEqualTo(405);
  }

  @Test
  void a_failing_handler_is_a_500_with_its_message() throws Exception {
    var response = get("/broken");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).isEqualTo("disk on fire\n");
  }

  @Test
  void a_large_body_arrives_whole() throws Exception {
    assertThat(get("/large").body()).hasSize(11 * 50_000).endsWith("0123456789\n");
  }

  @Test
  void compresses_when_asked() throws Exception {
    var request = request("/large").header("accept-encoding", "gzip").build();
    var response = client.send(request, BodyHandlers.ofByteArray());

    assertThat(response.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(response.body().length).isLessThan(50_000);
  }

  @Test
  void a_head_that_is_too_long_is_refused() throws Exception {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      var line = "GET /hello HTTP/1.1\r\nx: " + "a".repeat(9000) + "\r\n\r\n";
      socket.getOutputStream().write(line.getBytes(UTF_8));

      assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
          .isEqualTo("HTTP/1.1 400");
    }
  }

  @Test
  void a_request_that_does_not_arrive_loses_its_connection() throws Exception {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET /he".getBytes(UTF_8));

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void a_half_closed_client_gets_its_answer() throws Exception {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket
          .getOutputStream()
          .write("GET /hello?who=x HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(UTF_8));
      socket.shutdownOutput();

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8)).endsWith("hello x\n");
    }
  }

  @Test
  void more_connections_than_allowed_are_closed() throws Exception {
    var held = new ArrayList<Socket>();
    for (int i = 0; i < AdminServer.MAX_CONNECTIONS; i++) {
      held.add(new Socket(address.getAddress(), address.getPort()));
    }
    try (var extra = new Socket(address.getAddress(), address.getPort())) {
      extra.setSoTimeout(1_500);
      assertThat(extra.getInputStream().read()).isEqualTo(-1);
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void a_taken_port_is_named() {
    try (var second = AdminServer.named("stats")) {
      assertThatThrownBy(() -> second.start(address))
          .isInstanceOf(AdminBindException.class)
          .hasMessageStartingWith(
              "failed to bind to address 127.0.0.1:" + address.getPort() + " (stats): ");
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path));
  }
}
