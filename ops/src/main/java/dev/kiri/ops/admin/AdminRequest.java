package dev.kiri.ops.admin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a handler may know of a request. Header names are lower case. The body is read as
/// UTF-8 and had at most [AdminServer#MAX_BODY_BYTES] bytes.
public record AdminRequest(
    String method,
    String path,
    Map<String, List<String>> query,
    Map<String, String> headers,
    String body) {

  public AdminRequest {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  /// First value of a query parameter; null when absent, empty when it has no value.
  public @Nullable String parameter(String name) {
    var values = query.get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  /// A header's value, or an empty text.
  public String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }
}
