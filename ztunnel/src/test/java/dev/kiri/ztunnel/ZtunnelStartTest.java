package dev.kiri.ztunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.redirect.net.AgentProcess;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.Namespaces;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A process that finds its ports taken, or cannot understand its settings, says so and ends;
/// upstream pins the former (istio/ztunnel `tests/direct.rs`, the `_conflict` tests). Each runs in
/// a network namespace of its own.
class ZtunnelStartTest {
  private static final String LOCAL =
      "workloads: [{uid: u, name: z, namespace: ns, serviceAccount: z, workloadIps: [127.0.0.1],"
          + " protocol: HBONE}]";
  private static final Map<String, String> DEDICATED =
      Map.of("PROXY_MODE", "dedicated", "PROXY_WORKLOAD_INFO", "ns/z/z");
  private static final Map<String, String> SHARED =
      Map.of("POD_NAME", "z", "POD_NAMESPACE", "ns", "SERVICE_ACCOUNT", "z");

  @TempDir private Path folder;
  private PodNetns netns;

  @BeforeEach
  void make() throws IOException {
    netns = Namespaces.create(HomeNetns.ofThisThread());
  }

  @AfterEach
  void leave() {
    if (netns != null) {
      netns.close();
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "shared, 15000, 127.0.0.1, cannot start: failed to bind to address 127.0.0.1:15000 (admin)",
    "shared, 15020, 0.0.0.0, cannot start: failed to bind to address 0.0.0.0:15020 (stats)",
    "shared, 15021, 0.0.0.0, cannot start: failed to bind to address 0.0.0.0:15021 (readiness)",
    "shared, 15008, 0.0.0.0, cannot serve the own port: failed to bind to address [::]:15008",
    "dedicated, 15008, 0.0.0.0, failed to bind to address [::]:15008",
    "dedicated, 15006, 0.0.0.0, failed to bind to address [::]:15006",
    "dedicated, 15001, 0.0.0.0, failed to bind to address [::]:15001"
  })
  void a_port_that_is_taken_ends_the_process_with_1_and_is_named(
      String mode, int port, String at, String said) throws Exception {
    try (var taken = netns.inside(() -> bound(new InetSocketAddress(at, port)));
        var process = start(mode.equals("shared") ? SHARED : DEDICATED)) {
      assertThat(taken.isBound()).isTrue();
      assertThat(process.exitCode()).as(process.log()).isEqualTo(1);
      assertThat(process.log()).contains(said).contains("Address already in use");
      assertThat(process.log()).doesNotContain("\tat dev.kiri"); // no stack trace
    }
  }

  @Test
  void all_settings_that_are_wrong_are_named_at_once() throws Exception {
    try (var process = start(Map.of("PROXY_MODE", "both", "KEEPALIVE_RETRIES", "many"))) {
      assertThat(process.exitCode()).isEqualTo(1);
      assertThat(process.log())
          .contains("PROXY_MODE must be one of dedicated, shared")
          .contains("KEEPALIVE_RETRIES=many");
    }
  }

  private static ServerSocket bound(InetSocketAddress at) throws IOException {
    var socket = new ServerSocket();
    socket.bind(at);
    return socket;
  }

  private AgentProcess start(Map<String, String> more) throws IOException {
    var environment = new HashMap<String, String>();
    environment.put("XDS_ADDRESS", "");
    environment.put("CA_ADDRESS", "https://127.0.0.1:1");
    environment.put("CA_ROOT_CA", "SYSTEM");
    environment.put("AUTH_TOKEN", "test");
    environment.put("LOCAL_XDS", LOCAL);
    environment.put("INPOD_UDS", folder.resolve("ztunnel.sock").toString());
    environment.putAll(more);
    return AgentProcess.start(
        "dev.kiri.ztunnel.ZtunnelMain", netns, folder.resolve("log"), environment);
  }
}
