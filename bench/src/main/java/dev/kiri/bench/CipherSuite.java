package dev.kiri.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Which cipher suite the tunnel between the two proxies uses, read from the handshake itself: a
/// server's first answer is in clear, whatever version follows (RFC 8446 4.1.3).
final class CipherSuite {
  private static final Map<Integer, String> NAMES =
      Map.of(
          0x1301, "TLS_AES_128_GCM_SHA256",
          0x1302, "TLS_AES_256_GCM_SHA384",
          0x1303, "TLS_CHACHA20_POLY1305_SHA256",
          0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");

  private CipherSuite() {}

  /// Watches the first tunnel being made by a first request. To be called before any other load.
  static String negotiated(Bed bed, Variant variant) {
    var capture =
        CompletableFuture.supplyAsync(
            () ->
                bed.watch(
                    Duration.ofSeconds(8),
                    List.of(
                        "tcpdump", "-i", "any", "-s", "200", "-c", "6", "-U", "-w", "-", "tcp",
                        "src", "port", "15008")),
            command -> Thread.ofPlatform().name("capture").start(command));
    Run.rest(Duration.ofSeconds(2)); // tcpdump takes a moment until it listens
    new Load.Requests(1).run(bed, variant, 1, new Results());
    return named(capture.join());
  }

  /// The suite of the first ServerHello in some packets.
  static String named(byte[] packets) {
    for (int i = 0; i + 80 < packets.length; i++) {
      boolean hello =
          at(packets, i) == 0x16 // record: handshake, version 3.3
              && at(packets, i + 1) == 3
              && at(packets, i + 2) == 3
              && at(packets, i + 5) == 2 // message: server hello, version 3.3
              && at(packets, i + 9) == 3
              && at(packets, i + 10) == 3;
      if (hello) {
        int suite = i + 11 + 32; // behind the random
        suite += 1 + at(packets, suite); // and the session id
        if (suite + 1 < packets.length) {
          int number = at(packets, suite) << 8 | at(packets, suite + 1);
          return NAMES.getOrDefault(number, "0x" + Integer.toHexString(number));
        }
      }
    }
    return "unknown: no handshake was seen";
  }

  private static int at(byte[] bytes, int index) {
    return bytes[index] & 0xff;
  }
}
