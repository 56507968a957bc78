package dev.kiri.hbone.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.identity.PemFiles;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.testing.TestCa;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/// The programs of the README, over files and real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ExamplesTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final TestCa ca = TestCa.root("mesh");

  @TempDir Path folder;

  @Test
  void the_dialling_program_hears_the_greeting_of_the_serving_one() throws Exception {
    try (var server = ServeExample.serve(files("server", ca.workload("default", "server")), ANY)) {
      var heard =
          DialExample.talk(
              files("client", ca.workload("default", "client")), server.address(), SERVER);

      assertThat(heard)
          .isEqualTo("hello spiffe://cluster.local/ns/default/sa/client\nhow are you?");
    }
  }

  @Test
  void the_commands_of_the_README_run_as_they_are_written() throws Exception {
    files("server", ca.workload("default", "server"));
    var roots = files("client", ca.workload("default", "client")).roots();
    Files.copy(roots, folder.resolve("roots.pem"));
    var commands = Commands.ofReadme();
    var serving = new Commands(commands.getFirst(), folder).at("15008", "0").start();
    try (var out = serving.inputReader()) {
      var port = port(out.readLine());

      var dialling =
          new Commands(commands.getLast(), folder)
              .at("15008", port)
              .at("localhost", "127.0.0.1")
              .start();

      assertThat(dialling.inputReader().lines())
          .containsExactly("hello spiffe://cluster.local/ns/default/sa/client", "how are you?");
      assertThat(dialling.waitFor()).isZero();
    } finally {
      serving.destroy();
    }
  }

  private static String port(@Nullable String listening) {
    assertThat(listening).startsWith("listening on ");
    return String.valueOf(listening).substring(listening.lastIndexOf(':') + 1);
  }

  @Test
  void a_client_that_the_serving_program_does_not_want_reads_the_status() throws Exception {
    try (var server = ServeExample.serve(files("server", ca.workload("default", "server")), ANY)) {
      var stranger = files("stranger", ca.workload("other", "client"));

      assertThatThrownBy(() -> DialExample.talk(stranger, server.address(), SERVER))
          .isInstanceOf(IOException.class)
          .hasMessage("http status: 401 Unauthorized");
    }
  }

  @Test
  void a_file_without_what_it_should_hold_is_named() throws Exception {
    var good = files("client", ca.workload("default", "client"));
    var empty = Files.createFile(folder.resolve("empty.pem"));
    var junk =
        Files.writeString(
            folder.resolve("junk.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    for (var bad :
        List.of(
            new PemFiles(empty, good.chain(), good.roots()),
            new PemFiles(good.key(), empty, good.roots()),
            new PemFiles(good.key(), good.chain(), empty))) {
      assertThatThrownBy(bad::read).isInstanceOf(IOException.class).hasMessageContaining("empty");
    }
    assertThatThrownBy(new PemFiles(good.key(), junk, good.roots())::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("junk");
  }

  private PemFiles files(String name, WorkloadCertificate certificate) throws IOException {
    var key = folder.resolve(name + "-key.pem");
    var chain = folder.resolve(name + "-chain.pem");
    var roots = folder.resolve(name + "-roots.pem");
    Files.writeString(key, pem(List.of(new JcaPKCS8Generator(certificate.key(), null))));
    Files.writeString(chain, pem(certificate.chain()));
    Files.writeString(roots, pem(certificate.roots()));
    return new PemFiles(key, chain, roots);
  }

  private static String pem(List<?> objects) throws IOException {
    var text = new StringWriter();
    try (var pem = new JcaPEMWriter(text)) {
      for (var object : objects) {
        pem.writeObject(object);
      }
    }
    return text.toString();
  }
}
