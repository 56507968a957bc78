package dev.kiri.ztunnel.dns;

import static dev.kiri.ztunnel.TestMesh.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolversTest {
  @Test
  void a_file_says_whom_to_ask_and_how_patiently() {
    var read =
        Resolvers.parse(
            """
            # of a cluster
            nameserver 10.96.0.10
            nameserver 2001:db8::53%eth0
            search ns.svc.cluster.local svc.cluster.local
            options ndots:5 timeout:2 attempts:3
            """);

    assertThat(read.servers()).containsExactly(at("10.96.0.10", 53), at("2001:db8::53", 53));
    assertThat(read.searches()).containsExactly("ns.svc.cluster.local", "svc.cluster.local");
    assertThat(read.timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(read.attempts()).isEqualTo(3);
  }

  @Test
  void what_is_malformed_or_too_much_is_passed_over() {
    var read =
        Resolvers.parse(
            """
            nameserver
            nameserver not-an-address
            nameserver 10.0.0.1
            nameserver 10.0.0.2
            nameserver 10.0.0.3
            nameserver 10.0.0.4
            options timeout:soon attempts:99 timeout:900
            """);

    assertThat(read.servers()).hasSize(3);
    assertThat(read.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(read.attempts()).isEqualTo(5);
    assertThat(Resolvers.parse("")).isEqualTo(Resolvers.NONE);
  }

  @Test
  void a_file_that_changes_is_read_again_and_one_that_goes_changes_nothing(@TempDir Path folder)
      throws IOException {
    var file = Files.writeString(folder.resolve("resolv.conf"), "nameserver 10.0.0.1\n");
    try (var watched = ResolverFile.watch(file)) {
      assertThat(watched.get().servers()).containsExactly(at("10.0.0.1", 53));

      Files.writeString(file, "nameserver 10.0.0.2\n");
      watched.readAgain();
      assertThat(watched.get().servers()).containsExactly(at("10.0.0.2", 53));

      Files.delete(file);
      watched.readAgain();
      assertThat(watched.get().servers()).containsExactly(at("10.0.0.2", 53));
    }
  }
}
