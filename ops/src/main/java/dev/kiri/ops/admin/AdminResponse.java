package dev.kiri.ops.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// An answer: status, headers, and a body that is written when the time comes. A large body is
/// streamed in chunks and never held as a whole.
public record AdminResponse(int status, Map<String, String> headers, Body body) {

  /// Writes the body. Called once, on a virtual thread; may block on a slow reader.
  @FunctionalInterface
  public interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  public AdminResponse {
    headers = Map.copyOf(headers);
  }

  /// A plain text answer.
  public static AdminResponse text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text);
  }

  /// An answer with a body of the given media type.
  public static AdminResponse of(int status, String contentType, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return streaming(status, contentType, out -> out.write(bytes));
  }

  /// An answer whose body is produced while it is sent.
  public static AdminResponse streaming(int status, String contentType, Body body) {
    return new AdminResponse(status, Map.of("content-type", contentType), body);
  }

  /// An answer without body.
  public static AdminResponse empty(int status) {
    return new AdminResponse(status, Map.of(), out -> {});
  }
}
