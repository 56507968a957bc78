package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Header;
import dev.kiri.controlplane.kinds.RouteObject.PathModifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the filters of an HTTPRoute's rule or backend.
final class HttpFilterReader {
  private static final List<String> TYPES =
      List.of(
          "RequestHeaderModifier",
          "ResponseHeaderModifier",
          "RequestRedirect",
          "URLRewrite",
          "RequestMirror",
          "CORS",
          "ExternalAuth",
          "ExtensionRef");

  private static final Set<String> FRAMING =
      Set.of(
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "proxy-connection",
          "upgrade",
          "te");

  private HttpFilterReader() {}

  static Filter filter(Fields filter, boolean ofRule) {
    String type = filter.choice("type", "", TYPES);
    if (!filter.has("type")) {
      filter.error("type", "nothing", "one of " + String.join(", ", TYPES));
    }
    Filter read =
        switch (type) {
          case "RequestHeaderModifier" -> headers(body(filter, "requestHeaderModifier"), true);
          case "ResponseHeaderModifier" -> headers(body(filter, "responseHeaderModifier"), false);
          case "RequestRedirect" -> redirect(body(filter, "requestRedirect"));
          case "URLRewrite" -> rewrite(body(filter, "urlRewrite"));
          case "RequestMirror" ->
              ofRule ? mirror(body(filter, "requestMirror")) : new Filter.Unsupported(type);
          case "CORS" -> ofRule ? cors(body(filter, "cors")) : new Filter.Unsupported(type);
          default -> new Filter.Unsupported(type);
        };
    if (read instanceof Filter.Unsupported) {
      filter.ignore("extensionRef", "externalAuth", "requestMirror", "cors");
    }
    filter.done();
    return read;
  }

  private static Fields body(Fields filter, String name) {
    if (!filter.has(name)) {
      filter.error(name, "nothing", "a mapping (required for this type)");
    }
    return filter.child(name);
  }

  private static Filter headers(Fields body, boolean request) {
    Filter read =
        new Filter.Headers(
            request,
            distinct(body.list("set", HttpFilterReader::header)),
            distinct(body.list("add", HttpFilterReader::header)),
            body.strings("remove"));
    body.done();
    return read;
  }

  /// The first of several headers that differ only in case counts.
  private static List<Header> distinct(List<Header> headers) {
    Map<String, Header> first = new LinkedHashMap<>();
    for (Header header : headers) {
      first.putIfAbsent(header.name().toLowerCase(Locale.ROOT), header);
    }
    return List.copyOf(first.values());
  }

  private static Header header(Fields fields) {
    Header header = new Header(fields.required("name"), fields.stringOr("value", ""));
    if (!header.name().isEmpty()) {
      isWritable(fields, "name", header.name());
    }
    if (header.value().chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
      fields.error("value", "a control character", "a header value (RFC 9110 5.5)");
    }
    fields.done();
    return header;
  }

  /// Reports what is no header name, and what says where a message ends: that is the proxy's own.
  static boolean isWritable(Fields fields, String where, String name) {
    if (!isHeaderName(name)) {
      fields.error(where, Fields.show(name), "the name of a header");
      return false;
    }
    if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
      fields.error(where, Fields.show(name), "a header that does not belong to the connection");
      return false;
    }
    return true;
  }

  static boolean isHeaderName(String name) {
    boolean sound = !name.isEmpty();
    for (int i = 0; i < name.length() && sound; i++) {
      char c = name.charAt(i);
      sound = c > ' ' && c < 0x7f && "():<>@,;\\\"/[]?={}".indexOf(c) < 0;
    }
    return sound;
  }

  private static @Nullable PathModifier path(Fields body) {
    if (!body.has("path")) {
      return null;
    }
    Fields path = body.child("path");
    String type = path.choice("type", "", List.of("ReplaceFullPath", "ReplacePrefixMatch"));
    boolean full = !type.equals("ReplacePrefixMatch");
    String value = path.stringOr(full ? "replaceFullPath" : "replacePrefixMatch", "");
    if (value.chars().anyMatch(c -> c <= ' ' || c == 0x7f || c > 0xff)) {
      path.error(
          full ? "replaceFullPath" : "replacePrefixMatch",
          Fields.show(value),
          "a path without spaces and control characters");
    }
    path.done();
    return new PathModifier(full, value);
  }

  private static Filter redirect(Fields body) {
    int status = (int) body.number("statusCode", 0, 301, 308);
    if (!List.of(0, 301, 302, 303, 307, 308).contains(status)) {
      body.error("statusCode", String.valueOf(status), "one of 301, 302, 303, 307, 308");
    }
    Filter read =
        new Filter.Redirect(
            body.choice("scheme", "", List.of("http", "https")),
            body.stringOr("hostname", ""),
            path(body),
            (int) body.number("port", 0, 1, 65535),
            status);
    body.done();
    return read;
  }

  private static Filter rewrite(Fields body) {
    Filter read = new Filter.Rewrite(body.stringOr("hostname", ""), path(body));
    body.done();
    return read;
  }

  private static Filter mirror(Fields body) {
    int numerator = (int) body.number("percent", 100, 0, 100);
    int denominator = 100;
    if (body.has("fraction") && body.has("percent")) {
      body.error("percent", "percent and fraction", "one of the two");
    }
    if (body.has("fraction")) {
      Fields fraction = body.child("fraction");
      denominator = (int) fraction.number("denominator", 100, 1, Integer.MAX_VALUE);
      numerator = (int) fraction.number("numerator", denominator, 0, denominator);
      fraction.done();
    }
    if (!body.has("backendRef")) {
      body.error("backendRef", "nothing", "a backend (required)");
    }
    Filter read =
        new Filter.Mirror(
            HttpRouteReader.backend(body.child("backendRef")), numerator, denominator);
    body.ignore("fraction");
    body.done();
    return read;
  }

  private static Filter cors(Fields body) {
    Filter read =
        new Filter.Cors(
            body.strings("allowOrigins"),
            body.bool("allowCredentials", false),
            body.strings("allowMethods"),
            body.strings("allowHeaders"),
            body.strings("exposeHeaders"),
            (int) body.number("maxAge", 5, 1, Integer.MAX_VALUE));
    body.done();
    return read;
  }
}
