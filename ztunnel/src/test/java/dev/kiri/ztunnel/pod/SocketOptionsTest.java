package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The options of the proxy's sockets as the kernel sees them (istio/ztunnel#1377, #1641: they were
/// set once, and not in effect).
class SocketOptionsTest {
  private static final int APP = 8080;

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.b.serve(APP);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  /// Upstream leaves out the accepted sockets of port 15008 (istio/ztunnel#1699).
  @Test
  void the_kernel_probes_both_sides_of_every_connection_in_a_tunnel() throws Exception {
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      awaitProbed(mesh.a, ":15001 ", 1); // accepted from the application
      awaitProbed(mesh.a, ":15008 ", 1); // the tunnel, where it was dialled
      awaitProbed(mesh.b, ":15008 ", 1); // and where it was accepted
      awaitProbed(mesh.b, ":8080 ", 1); // dialled to the application, whose own is left alone
    }
  }

  @Test
  void and_of_every_plain_one() throws Exception {
    mesh.put(new MeshUpdate.PutWorkload(workload("b", "192.0.2.12").build()));
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      awaitProbed(mesh.a, ":15001 ", 1);
      awaitProbed(mesh.a, ":8080 ", 1); // dialled; the application's own is left alone
      awaitProbed(mesh.b, ":15006 ", 1);
      awaitProbed(mesh.b, ":8080 ", 1);
    }
  }

  /// As soon as nothing is on its way any more, which has a timer of its own.
  private static void awaitProbed(TestPod pod, String port, int count) {
    await().untilAsserted(() -> assertThat(probed(pod, port)).hasSize(count));
  }

  /// `timer:(keepalive,2min59sec,0)`, after three minutes.
  private static List<String> probed(TestPod pod, String port) throws IOException {
    return TestNetwork.run(pod.netns(), "ss", "-Htno", "state", "established")
        .lines()
        .filter(line -> line.contains(port))
        .filter(line -> line.matches(".*timer:\\(keepalive,(2min|3min).*"))
        .toList();
  }
}
