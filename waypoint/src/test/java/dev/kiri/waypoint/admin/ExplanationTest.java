package dev.kiri.waypoint.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.config.v1.ConnectionRoute;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.testing.Config;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What `explain` says is what the data path does.
class ExplanationTest {
  private final ConfigStore store = new ConfigStore("shop", "cluster.local");

  private void apply(Resource... resources) {
    Map<String, Resource> batch = new HashMap<>();
    for (Resource resource : resources) {
      batch.put(Config.name(resource), resource);
    }
    assertThat(store.apply(batch, List.of())).isEmpty();
  }

  private String explain(int port, String... more) {
    Map<String, List<String>> query = new HashMap<>();
    query.put("service", List.of("shop/" + Config.host("front")));
    query.put("port", List.of(String.valueOf(port)));
    for (String pair : more) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], List.of(parts[1]));
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      Explanation.write(out, store.program(), MeshSnapshot.empty(), Explanation.Question.of(query));
    }
    return text.toString();
  }

  private static Resource tls(String name, String serverName) {
    var route =
        ConnectionRoute.newBuilder()
            .addAllParents(Config.route(name, "front", 443).getHttpRoute().getParentsList())
            .setCreationTime(Timestamp.newBuilder().setSeconds(1))
            .addServerNames(serverName)
            .addBackends(Config.backend("one", 1));
    return Resource.newBuilder().setSource(Config.ref("TLSRoute", name)).setTlsRoute(route).build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "one.test   | \"decision\":\"connection: matched\",\"rule\":\"TLSRoute shop/a rule 0\"",
        "other.test | \"decision\":\"connection cut: no route for the server name\"",
        "''         | \"decision\":\"connection cut: no route for the server name\""
      })
  void a_tls_port_is_explained_by_the_server_name(String serverName, String said) {
    apply(tls("a", "one.test"));

    assertThat(explain(443, "serverName=" + serverName)).contains(said);
  }

  @Test
  void a_port_of_bytes_without_routes_goes_to_its_own_endpoints_as_a_connection() {
    apply(
        Resource.newBuilder()
            .setSource(Config.ref("Service", "front"))
            .setService(
                Service.newBuilder()
                    .setNamespace("shop")
                    .setHostname(Config.host("front"))
                    .addPorts(ServicePort.newBuilder().setPort(25).setProtocol(Protocol.TCP)))
            .build());

    assertThat(explain(25)).contains("\"decision\":\"connection: own endpoints\"");
    assertThat(explain(80)).contains("\"decision\":\"own endpoints\"");
  }
}
