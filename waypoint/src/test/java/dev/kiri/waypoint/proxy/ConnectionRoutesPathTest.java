package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.kiri.waypoint.config.v1.ConnectionRoute;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.Hellos;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// TCPRoutes and TLSRoutes between real sockets: which backend a connection reaches, and whether it
/// reaches one at all.
class ConnectionRoutesPathTest {
  private final WaypointFixture waypoint = new WaypointFixture();
  private final RawServer one = greeter("1");
  private final RawServer two = greeter("2");

  /// Speaks first, as a server of mail or of a database does.
  private static RawServer greeter(String name) {
    return new RawServer(
        (connection, _) -> {
          RawServer.write(connection, name);
          connection.getInputStream().read();
        });
  }

  @BeforeEach
  void start() {
    waypoint.service("front").service("one", one.address()).service("two", two.address());
  }

  @AfterEach
  void stop() {
    waypoint.close();
    one.close();
    two.close();
  }

  private static ConnectionRoute.Builder route(String name, int created, HttpBackend... backends) {
    return ConnectionRoute.newBuilder()
        .addAllParents(Config.route(name, "front", 80).getHttpRoute().getParentsList())
        .setCreationTime(Timestamp.newBuilder().setSeconds(created))
        .addAllBackends(List.of(backends));
  }

  private static Resource tcp(String name, int created, HttpBackend... backends) {
    return Resource.newBuilder()
        .setSource(Config.ref("TCPRoute", name))
        .setTcpRoute(route(name, created, backends))
        .build();
  }

  private static Resource tls(String name, int created, String serverName, HttpBackend backend) {
    return Resource.newBuilder()
        .setSource(Config.ref("TLSRoute", name))
        .setTlsRoute(route(name, created, backend).addServerNames(serverName))
        .build();
  }

  private static String greeting(InetSocketAddress front, byte[] first) throws Exception {
    try (RawClient client = new RawClient(front)) {
      client.socket().getOutputStream().write(first);
      int answer = client.socket().getInputStream().read();
      return answer < 0 ? "cut" : String.valueOf((char) answer);
    } catch (java.net.SocketException reset) {
      return "cut";
    }
  }

  @Test
  void a_tcp_route_shares_connections_by_weight_and_the_server_may_speak_first() throws Exception {
    waypoint.apply(tcp("t", 1, backend("one", 3), backend("two", 1)));
    InetSocketAddress front = waypoint.front("front");

    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      answers.add(greeting(front, new byte[0]));
    }

    assertThat(Collections.frequency(answers, "1")).isBetween(29, 31);
    assertThat(Collections.frequency(answers, "2")).isBetween(9, 11);
  }

  @Test
  void of_two_tcp_routes_the_older_counts_and_tls_counts_more_than_tcp() throws Exception {
    waypoint.apply(tcp("a", 2, backend("one", 1)), tcp("b", 1, backend("two", 1)));
    InetSocketAddress front = waypoint.front("front");
    assertThat(greeting(front, new byte[0])).isEqualTo("2");

    waypoint.apply(tls("s", 3, "x.test", backend("one", 1)));
    assertThat(greeting(front, Hellos.naming("x.test"))).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource({
    "one.test, 1",
    "ONE.test, 1",
    "a.two.test, 2",
    "b.a.two.test, 2",
    "two.test, cut",
    "other.test, cut"
  })
  void a_tls_connection_goes_where_its_server_name_says(String name, String answer)
      throws Exception {
    waypoint.apply(
        tls("a", 1, "one.test", backend("one", 1)), tls("b", 1, "*.two.test", backend("two", 1)));

    assertThat(greeting(waypoint.front("front"), Hellos.naming(name))).isEqualTo(answer);
  }

  @Test
  void a_connection_that_is_not_tls_is_cut_where_server_names_route_and_the_log_says_why()
      throws Exception {
    waypoint.apply(tls("a", 1, "one.test", backend("one", 1)));

    assertThat(greeting(waypoint.front("front"), new byte[] {'G', 'E', 'T', ' '})).isEqualTo("cut");
    assertThat(greeting(waypoint.front("front"), new byte[0])).isEqualTo("cut");

    await().until(() -> waypoint.observer().connections().size() == 2);
    assertThat(waypoint.observer().connections())
        .allSatisfy(
            report -> {
              assertThat(report.flags()).isEqualTo("NR");
              assertThat(report.details()).isEqualTo("filter_chain_not_found");
            });
    assertThat(one.connections()).isZero();
  }

  @Test
  void the_share_of_a_backend_that_does_not_resolve_is_cut_and_so_is_all_without_weight()
      throws Exception {
    HttpBackend missing =
        HttpBackend.newBuilder()
            .setInvalid(Invalid.newBuilder().setReason("BackendNotFound"))
            .setWeight(1)
            .build();
    waypoint.apply(tcp("t", 1, missing));
    assertThat(greeting(waypoint.front("front"), new byte[0])).isEqualTo("cut");

    waypoint.apply(tcp("t", 1, backend("one", 0)));
    assertThat(greeting(waypoint.front("front"), new byte[0])).isEqualTo("cut");

    await().until(() -> waypoint.observer().connections().size() == 2);
    assertThat(waypoint.observer().connections())
        .extracting(ConnectionReport::details)
        .containsExactlyInAnyOrder(
            "cluster_not_found{BackendNotFound}", "no_backend{TCPRoute shop/t rule 0}");
  }
}
