package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.config.v1.TrafficPolicy.ProxyProtocol;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.InputStream;
import java.net.Socket;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Endpoints that are told who is connected (waypoint reference 15.1 and 26.5).
class ProxyProtocolPathTest {
  private final WaypointFixture waypoint = new WaypointFixture();
  private final BlockingQueue<String> headers = new LinkedBlockingQueue<>();

  /// Wants a line of PROXY protocol before HTTP, and says which connection it is.
  private final RawServer server =
      new RawServer(
          (connection, number) -> {
            headers.add(line(connection.getInputStream()));
            while (true) {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + number);
            }
          });

  @AfterEach
  void stop() {
    waypoint.close();
    server.close();
  }

  private static String line(InputStream in) throws java.io.IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.append((char) b);
    }
    return line.toString().trim();
  }

  private void ruled(RawServer to, TrafficPolicy.Builder policy) {
    waypoint
        .service("catalog", to.address())
        .apply(
            Resource.newBuilder()
                .setSource(Config.ref("DestinationRule", "d"))
                .setDestinationRule(
                    DestinationRule.newBuilder()
                        .addTargets(
                            ServiceTarget.newBuilder()
                                .setNamespace("shop")
                                .setHostname(Config.host("catalog")))
                        .setCreationTime(Timestamp.newBuilder().setSeconds(1))
                        .addPolicies(EffectivePolicy.newBuilder().setPolicy(policy)))
                .build());
  }

  private static TrafficPolicy.Builder told(ProxyProtocol version) {
    return TrafficPolicy.newBuilder().setProxyProtocol(version);
  }

  private static String expected(RawClient client) {
    return "PROXY TCP4 127.0.0.1 192.0.2.1 " + client.socket().getLocalPort() + " 80";
  }

  @Test
  void every_client_has_connections_of_its_own() throws Exception {
    ruled(server, told(ProxyProtocol.V1));
    var front = waypoint.front("catalog");
    try (var one = new RawClient(front);
        var other = new RawClient(front)) {
      assertThat(one.get("/").answer().body()).isEqualTo("0");
      assertThat(headers.poll(10, TimeUnit.SECONDS)).isEqualTo(expected(one));
      assertThat(other.get("/").answer().body()).isEqualTo("1");
      assertThat(headers.poll(10, TimeUnit.SECONDS)).isEqualTo(expected(other));
      assertThat(one.get("/").answer().body()).as("used again").isEqualTo("0");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void version_2_names_the_client_for_requests_and_for_bytes(boolean bytes) throws Exception {
    try (RawServer second = new RawServer((connection, _) -> first(connection, 28))) {
      ruled(second, told(ProxyProtocol.V2));
      if (bytes) {
        waypoint.apply(
            Resource.newBuilder()
                .setSource(Config.ref("Service", "catalog"))
                .setService(
                    Service.newBuilder()
                        .setNamespace("shop")
                        .setHostname(Config.host("catalog"))
                        .addPorts(ServicePort.newBuilder().setPort(80).setProtocol(Protocol.TCP)))
                .build());
      }
      try (var client = new RawClient(waypoint.front("catalog")).get("/")) {
        assertThat(headers.poll(10, TimeUnit.SECONDS))
            .isEqualTo(
                "0d0a0d0a000d0a515549540a" // signature
                    + "2111000c" // PROXY, TCP over IPv4, 12 bytes
                    + "7f000001"
                    + "c0000201"
                    + "%04x".formatted(client.socket().getLocalPort())
                    + "0050");
      }
    }
  }

  private void first(Socket connection, int bytes) throws java.io.IOException {
    headers.add(HexFormat.of().formatHex(connection.getInputStream().readNBytes(bytes)));
  }

  @Test
  void it_comes_before_tls() throws Exception {
    try (RawServer tls =
        new RawServer(
            (connection, _) -> {
              headers.add(line(connection.getInputStream()));
              first(connection, 2);
            })) {
      ruled(tls, told(ProxyProtocol.V1).setTls(EndpointTls.newBuilder().setServerName("a.b")));
      try (var client = new RawClient(waypoint.front("catalog")).get("/")) {
        assertThat(headers.poll(10, TimeUnit.SECONDS)).isEqualTo(expected(client));
        assertThat(headers.poll(10, TimeUnit.SECONDS)).as("a hello").isEqualTo("1603");
        assertThat(client.answer().status()).isEqualTo(503);
      }
    }
  }
}
