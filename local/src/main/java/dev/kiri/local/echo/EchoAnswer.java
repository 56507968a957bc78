package dev.kiri.local.echo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What to do about a request, told by its path. Pure.
sealed interface EchoAnswer {
  /// Longest delay that is honoured.
  long MAX_DELAY_MILLIS = 600_000;

  /// The JSON object of what was seen, with a status, after a delay.
  record Json(int status, long delayMillis) implements EchoAnswer {}

  /// This many bytes.
  record Bytes(long count) implements EchoAnswer {}

  /// The JSON object; every Nth time with status 503.
  record Flaky(long n) implements EchoAnswer {}

  static EchoAnswer to(String path) {
    var plain = path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
    var words = plain.split("/");
    if (words.length != 3 || !words[2].matches("\\d{1,15}")) {
      return new Json(200, 0);
    }
    long number = Long.parseLong(words[2]);
    return switch (words[1]) {
      case "status" -> new Json(number >= 200 && number < 600 ? (int) number : 400, 0);
      case "delay" -> new Json(200, Math.min(number, MAX_DELAY_MILLIS));
      case "bytes" -> new Bytes(number);
      case "flaky" -> new Flaky(number);
      default -> new Json(200, 0);
    };
  }

  /// The object that describes a request, in the documented order of its keys.
  static Map<String, Object> seen(
      EchoIdentity who,
      String protocol,
      boolean tls,
      String peer,
      String method,
      String host,
      String path,
      Map<String, List<String>> headers,
      String body) {
    var out = new LinkedHashMap<String, Object>();
    out.put("pod", who.pod());
    out.put("namespace", who.namespace());
    out.put("node", who.node());
    out.put("version", who.version());
    out.put("port", who.port());
    out.put("protocol", protocol);
    out.put("tls", tls);
    out.put("peer", peer);
    out.put("method", method);
    out.put("host", host);
    out.put("path", path);
    out.put("headers", headers);
    out.put("body", body);
    return out;
  }
}
