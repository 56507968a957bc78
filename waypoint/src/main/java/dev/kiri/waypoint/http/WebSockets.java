package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.HeaderName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/// What the opening handshake of a WebSocket has on HTTP/1.1 (RFC 6455 4) and lacks on HTTP/2 (RFC
/// 8441 5), where an extended CONNECT stands for it. Pure but for the random key.
final class WebSockets {
  static final HeaderName KEY = HeaderName.of("sec-websocket-key");
  static final HeaderName ACCEPT = HeaderName.of("sec-websocket-accept");

  private static final String SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSockets() {}

  /// For a server that wants one from a client that speaks HTTP/2.
  static String newKey() {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }

  /// What a client on HTTP/1.1 wants to hear from a server that speaks HTTP/2.
  static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + SUFFIX).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
