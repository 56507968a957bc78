package dev.kiri.it.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A machine that lacks things: they are hidden in a mount namespace of the test's own.
class FreshMachineTest {
  private static final String NO_JDK = "mount -t tmpfs none /usr/lib/jvm; ";
  private static final String NO_APT = "mount --bind /dev/null /usr/bin/apt-get; ";
  private static final String NO_NFT =
      "for nft in /usr/sbin/nft /sbin/nft /usr/bin/nft; do [ ! -e $nft ] || mount --bind /dev/null"
          + " $nft; done; ";

  private @TempDir Path folder;
  private Checkout checkout;
  private HttpServer vendor;

  @BeforeEach
  void a_machine_on_which_things_can_be_hidden() throws IOException {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.isExecutable(Path.of("/usr/bin/apt-get")),
        "hiding programs needs root, on Debian or Ubuntu: skipped");
    checkout = new Checkout(folder);
    checkout.image("0123");
    vendor = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    vendor.start();
  }

  @AfterEach
  void stops_the_vendor() {
    if (vendor != null) {
      vendor.stop(0);
    }
  }

  private Checkout.Outcome kiriWhere(String hidden, String arguments) throws Exception {
    return checkout.run(
        List.of("/usr/bin/unshare", "--mount", "sh", "-c", hidden + "exec ./kiri " + arguments));
  }

  private void serve(String path, byte[] body) {
    vendor.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  /// As Temurin's vendor answers: <https://api.adoptium.net/q/swagger-ui>, `/v3/assets/latest`.
  private void offerJdk(String checksum) throws Exception {
    var packed = folder.resolve("packed");
    Checkout.makeJdk(packed.resolve("jdk-25.0.1+8"));
    var archive = folder.resolve("jdk.tar.gz");
    new ProcessBuilder("tar", "-czf", archive.toString(), "-C", packed.toString(), "jdk-25.0.1+8")
        .start()
        .waitFor();
    var bytes = Files.readAllBytes(archive);
    var base = "http://127.0.0.1:" + vendor.getAddress().getPort();
    var sum =
        checksum.isEmpty()
            ? HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
            : checksum;
    serve("/jdk.tar.gz", bytes);
    serve(
        "/v3/assets/latest/25/hotspot",
        """
        [{"binary": {"image_type": "jdk", "package": {"checksum": "%s",
          "checksum_link": "%s/jdk.tar.gz.sha256.txt", "link": "%s/jdk.tar.gz", "size": 1}},
          "vendor": "eclipse"}]
        """
            .formatted(sum, base, base)
            .getBytes(StandardCharsets.UTF_8));
    checkout.without("KIRI_JAVA_HOME").with("KIRI_ADOPTIUM", base);
  }

  private Path downloaded() {
    return folder.resolve("home/.local/share/kiri/jdk-25");
  }

  @Test
  void a_jdk_is_downloaded_checked_and_used_and_the_next_command_has_it() throws Exception {
    offerJdk("");

    var first = kiriWhere(NO_JDK + NO_APT, "get pods");
    assertThat(first.err()).contains("no JDK 25 found").contains("downloading http://");
    assertThat(first.out()).startsWith("java @").endsWith("get pods\n");
    assertThat(first.code()).isZero();
    assertThat(downloaded().resolve("bin/javac")).isExecutable();

    assertThat(kiriWhere(NO_JDK + NO_APT, "get pods").err()).isEmpty();
  }

  @Test
  void a_download_with_another_checksum_is_thrown_away_and_the_remedy_named() throws Exception {
    offerJdk("0".repeat(64));

    var outcome = kiriWhere(NO_JDK + NO_APT, "get pods");

    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("checksum is not the one its vendor names")
        .contains("To mend it: KIRI_JAVA_HOME=/path/to/jdk-25 ./kiri get");
    assertThat(downloaded()).doesNotExist();
    assertThat(downloaded().resolveSibling("jdk-25.new")).doesNotExist();
  }

  @Test
  void a_vendor_that_cannot_be_reached_is_named_with_the_remedy() throws Exception {
    checkout.without("KIRI_JAVA_HOME").with("KIRI_ADOPTIUM", "http://127.0.0.1:1");

    var outcome = kiriWhere(NO_JDK + NO_APT, "get pods");

    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err()).contains("To mend it: ");
  }

  @Test
  void a_missing_program_is_named_with_its_package() throws Exception {
    checkout.with("PATH", "/usr/bin:/bin");

    var outcome = kiriWhere(NO_NFT + NO_APT, "up -f examples/shop");

    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err()).contains("this needs: nftables").contains("To mend it: ");
  }

  @Test
  void a_missing_program_is_installed_where_nobody_can_be_asked() throws Exception {
    var bin = folder.resolve("apt");
    checkout.installer(bin.resolve("apt-get"), "nft").with("PATH", bin + ":/usr/bin:/bin");

    var outcome = kiriWhere(NO_NFT, "down");

    assertThat(outcome.err()).isEqualTo("installing nftables\n");
    assertThat(bin.resolve("apt-get.log"))
        .content()
        .isEqualTo("update -qq\ninstall -y -qq --no-install-recommends nftables\n");
    assertThat(outcome.out()).startsWith("java @").endsWith("down\n");
  }

  @Test
  void a_folder_that_is_no_jdk_25_is_not_replaced_silently() throws Exception {
    var outcome = checkout.with("KIRI_JAVA_HOME", "/usr").kiri("get", "pods");

    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("KIRI_JAVA_HOME=/usr is no JDK 25")
        .contains("unset KIRI_JAVA_HOME");
  }
}
