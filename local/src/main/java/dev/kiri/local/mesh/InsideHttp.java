package dev.kiri.local.mesh;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/// One HTTP/1.0 exchange with a server inside a pod: enough for admin ports, which close after
/// their answer. Blocking.
final class InsideHttp {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int LARGEST_ANSWER = 64 << 20;

  private final InsideSockets sockets;
  private final NamespaceFile namespace;

  InsideHttp(InsideSockets sockets, NamespaceFile namespace) {
    this.sockets = sockets;
    this.namespace = namespace;
  }

  Map<String, Object> request(String address, int port, String method, String path)
      throws IOException {
    try (var socket = sockets.stream(namespace).socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
      var request =
          method
              + " "
              + path
              + " HTTP/1.0\r\nHost: "
              + address
              + ":"
              + port
              + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      var bytes = socket.getInputStream().readNBytes(LARGEST_ANSWER);
      return parse(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  static Map<String, Object> parse(String answer) throws IOException {
    int end = answer.indexOf("\r\n\r\n");
    var words = answer.split("[ \r\n]", 3);
    if (end < 0 || words.length < 3 || !words[0].startsWith("HTTP/")) {
      throw new IOException("no HTTP answer");
    }
    var body = answer.substring(end + 4);
    boolean chunked =
        answer.substring(0, end).toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
    return Map.of("status", Integer.parseInt(words[1]), "body", chunked ? joined(body) : body);
  }

  /// The chunks of a body; sizes count bytes, admin answers are ASCII but for names in other
  /// scripts.
  private static String joined(String chunks) {
    var bytes = chunks.getBytes(StandardCharsets.UTF_8);
    var out = new java.io.ByteArrayOutputStream();
    int at = 0;
    while (at < bytes.length) {
      int lineEnd = at;
      while (lineEnd < bytes.length && bytes[lineEnd] != '\r') {
        lineEnd++;
      }
      var size =
          new String(bytes, at, lineEnd - at, StandardCharsets.US_ASCII).split(";", 2)[0].strip();
      int length = size.isEmpty() ? 0 : Integer.parseInt(size, 16);
      int from = Math.min(bytes.length, lineEnd + 2);
      out.write(bytes, from, Math.min(length, bytes.length - from));
      at = from + length + 2;
      if (length == 0) {
        break;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
