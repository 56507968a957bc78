package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Header;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Changes;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Comparison;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Cors;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Destination;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Direct;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Fault;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Headers;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Mirror;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Redirect;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Retries;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Rewrite;
import dev.kiri.controlplane.kinds.VirtualServiceObject.TextMatch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what a VirtualService's rules do. Stateless.
final class VirtualActionReader {
  private static final int MAX_BODY = 1 << 20;

  /// gRPC's codes by number.
  private static final List<String> GRPC =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  /// Variables in the values of headers, as Envoy writes them.
  private static final List<String> VARIABLES =
      List.of(
          "DOWNSTREAM_REMOTE_ADDRESS",
          "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_REMOTE_PORT",
          "DOWNSTREAM_LOCAL_ADDRESS",
          "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_LOCAL_PORT",
          "DOWNSTREAM_PEER_URI_SAN",
          "DOWNSTREAM_LOCAL_URI_SAN",
          "ROUTE_NAME",
          "START_TIME");

  private static final Pattern FIELD =
      Pattern.compile("REQ[(](:authority|:method|:path|[A-Za-z0-9_.-]+)[)]");

  private static final Set<String> RETRY_ON =
      Set.of(
          "5xx",
          "gateway-error",
          "reset",
          "reset-before-request",
          "connect-failure",
          "refused-stream",
          "retriable-4xx",
          "retriable-status-codes",
          "envoy-ratelimited",
          "cancelled",
          "deadline-exceeded",
          "internal",
          "resource-exhausted",
          "unavailable");

  private VirtualActionReader() {}

  /// A destination without weight and headers.
  static Destination destination(Fields holder, String name) {
    if (!holder.has(name)) {
      holder.error(name, "nothing", "a destination (required)");
    }
    Fields fields = holder.child(name);
    int port = 0;
    if (fields.has("port")) {
      Fields number = fields.child("port");
      port = (int) number.number("number", 0, 1, 65535);
      number.done();
    }
    Destination read =
        new Destination(fields.required("host"), fields.stringOr("subset", ""), port, 0, null);
    fields.ignore("port");
    fields.done();
    if (!read.host().isEmpty() && !HostName.isSound(read.host())) {
      fields.error("host", Fields.show(read.host()), "a DNS name");
    }
    return read;
  }

  static Redirect redirect(Fields fields) {
    Redirect read =
        new Redirect(
            fields.stringOr("uri", ""),
            fields.stringOr("authority", ""),
            fields.stringOr("scheme", ""),
            (int) fields.number("port", 0, 1, 65535),
            fields.choice("derivePort", "", List.of("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT")),
            (int) fields.number("redirectCode", 301, 301, 308));
    fields.done();
    if (!List.of(301, 302, 303, 307, 308).contains(read.code())) {
      fields.error("redirectCode", String.valueOf(read.code()), "one of 301, 302, 303, 307, 308");
    }
    if (fields.has("port") && fields.has("derivePort")) {
      fields.error("derivePort", "port and derivePort", "one of the two");
    }
    return read;
  }

  static Direct direct(Fields fields) {
    int status = (int) fields.number("status", 0, 200, 599);
    if (!fields.has("status")) {
      fields.error("status", "nothing", "a status from 200 to 599 (required)");
    }
    String body = "";
    if (fields.has("body")) {
      Fields written = fields.child("body");
      String text = written.string("string");
      String encoded = written.string("bytes");
      if (text != null) {
        body = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      } else if (encoded != null) {
        body = decoded(written, encoded);
      }
      written.done();
      if (body.length() > MAX_BODY) {
        fields.error("body", body.length() + " bytes", "at most 1 MiB");
      }
    }
    fields.ignore("body");
    fields.done();
    return new Direct(status, body);
  }

  private static String decoded(Fields fields, String encoded) {
    try {
      return new String(Base64.getDecoder().decode(encoded), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      fields.error("bytes", Fields.show(encoded), "text in base64");
      return "";
    }
  }

  static Rewrite rewrite(Fields fields) {
    String pattern = null;
    String substitution = "";
    if (fields.has("uriRegexRewrite")) {
      Fields regex = fields.child("uriRegexRewrite");
      pattern = regex.required("match");
      substitution = regex.stringOr("rewrite", "");
      HttpPathCheck.checkRegex(regex, "match", pattern);
      regex.done();
    }
    Rewrite read =
        new Rewrite(
            fields.stringOr("uri", ""), fields.stringOr("authority", ""), pattern, substitution);
    fields.ignore("uriRegexRewrite");
    fields.done();
    if (pattern != null && !read.uri().isEmpty()) {
      fields.error("uri", "uri and uriRegexRewrite", "one of the two");
    }
    if (pattern == null && read.uri().isEmpty() && read.authority().isEmpty()) {
      fields.error("uri", "nothing", "one of uri, authority, uriRegexRewrite");
    }
    return read;
  }

  static Retries retries(Fields fields) {
    List<String> on =
        Stream.of(fields.stringOr("retryOn", "").split(","))
            .map(String::strip)
            .filter(word -> !word.isEmpty())
            .toList();
    for (String word : on) {
      if (!RETRY_ON.contains(word) && !isStatus(word)) {
        fields.warning(
            "retryOn",
            Fields.show(word) + ", which never matches",
            "status codes and " + String.join(", ", RETRY_ON.stream().sorted().toList()));
      }
    }
    Retries read =
        new Retries(
            fields.has("attempts") ? (Integer) (int) fields.number("attempts", 2, 0, 1000) : null,
            IstioFields.duration(fields, "perTryTimeout", true),
            on,
            IstioFields.duration(fields, "backoff", false),
            fields.has("retryIgnorePreviousHosts")
                ? (Boolean) fields.bool("retryIgnorePreviousHosts", true)
                : null);
    if (fields.has("retryRemoteLocalities")) {
      fields.warning(
          "retryRemoteLocalities",
          Fields.show(fields.raw("retryRemoteLocalities")),
          "nothing (a retry avoids endpoints that failed, whatever their locality)");
    }
    fields.done();
    return read;
  }

  static boolean isStatus(String word) {
    return word.matches("[1-5][0-9][0-9]");
  }

  static Fault fault(Fields fields) {
    Fields delay = fields.child("delay");
    Fields abort = fields.child("abort");
    Duration fixed = IstioFields.duration(delay, "fixedDelay", false);
    if (fields.has("delay") && fixed == null && !delay.has("fixedDelay")) {
      delay.error("fixedDelay", "nothing", "a duration (required)");
    }
    double delayPercent = percentage(delay, "percentage", delay.decimal("percent", 0, 0, 100));
    Integer grpc = null;
    if (abort.has("grpcStatus")) {
      String name = abort.choice("grpcStatus", "", GRPC);
      grpc = GRPC.contains(name) ? (Integer) GRPC.indexOf(name) : null;
    }
    Integer http =
        abort.has("httpStatus") ? (Integer) (int) abort.number("httpStatus", 500, 200, 599) : null;
    double abortPercent = percentage(abort, "percentage", 0);
    if (fields.has("abort") && !(abort.has("httpStatus") ^ abort.has("grpcStatus"))) {
      abort.error(
          "httpStatus",
          abort.has("httpStatus") ? "httpStatus and grpcStatus" : "nothing",
          "one of httpStatus, grpcStatus");
    }
    delay.done();
    abort.done();
    fields.ignore("delay", "abort");
    fields.done();
    return new Fault(fixed, delayPercent, http, grpc, abortPercent);
  }

  /// A percentage in a mapping with `value`.
  private static double percentage(Fields holder, String name, double absent) {
    if (!holder.has(name)) {
      return absent;
    }
    Fields fields = holder.child(name);
    double read = fields.decimal("value", 0, 0, 100);
    fields.done();
    return read;
  }

  static List<Mirror> mirrors(Fields rule) {
    List<Mirror> read = new ArrayList<>();
    if (rule.has("mirror")) {
      double percent = rule.decimal("mirrorPercent", 100, 0, 100);
      Destination to = destination(rule, "mirror");
      read.add(new Mirror(to, percentage(rule, "mirrorPercentage", percent)));
      if (rule.has("mirrors")) {
        rule.error("mirrors", "mirror and mirrors", "one of the two");
      }
    }
    read.addAll(
        rule.list(
            "mirrors",
            mirror -> {
              Mirror one =
                  new Mirror(
                      destination(mirror, "destination"), percentage(mirror, "percentage", 100));
              mirror.done();
              return one;
            }));
    rule.ignore("mirror", "mirrorPercent", "mirrorPercentage");
    return List.copyOf(read);
  }

  static Cors cors(Fields fields) {
    List<TextMatch> origins = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    origins.addAll(
        fields.list("allowOrigins", one -> VirtualMatchReader.text(one, false, unknown)));
    for (String origin : fields.strings("allowOrigin")) {
      origins.add(
          origin.equals("*")
              ? new TextMatch(Comparison.REGEX, ".*")
              : new TextMatch(Comparison.EXACT, origin));
    }
    if (!unknown.isEmpty()) {
      fields.error(
          "allowOrigins", "unknown field " + String.join(", ", unknown), "exact, prefix or regex");
    }
    Cors read =
        new Cors(
            List.copyOf(origins),
            fields.strings("allowMethods"),
            fields.strings("allowHeaders"),
            fields.strings("exposeHeaders"),
            IstioFields.duration(fields, "maxAge", true),
            fields.bool("allowCredentials", false),
            fields
                .choice(
                    "unmatchedPreflights", "FORWARD", List.of("UNSPECIFIED", "FORWARD", "IGNORE"))
                .equals("IGNORE"));
    fields.done();
    return read;
  }

  /// The `headers` of a rule or destination; null where absent.
  static @Nullable Headers headers(Fields holder) {
    if (!holder.has("headers")) {
      return null;
    }
    Fields fields = holder.child("headers");
    Headers read = new Headers(changes(fields, "request"), changes(fields, "response"));
    fields.done();
    return read;
  }

  private static Changes changes(Fields holder, String name) {
    Fields fields = holder.child(name);
    Changes read =
        new Changes(
            written(fields, "set"),
            written(fields, "add"),
            fields.strings("remove").stream()
                .filter(header -> isChangeable(fields, "remove", header))
                .toList());
    fields.done();
    return read;
  }

  private static List<Header> written(Fields fields, String name) {
    return fields.stringMap(name).entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .filter(e -> isChangeable(fields, name, e.getKey()))
        .filter(e -> hasKnownVariables(fields, name, e.getValue()))
        .map(e -> new Header(e.getKey().equals(":authority") ? "host" : e.getKey(), e.getValue()))
        .toList();
  }

  /// Text between percent signs names a variable; nothing between them is a percent sign.
  private static boolean hasKnownVariables(Fields fields, String name, String value) {
    String[] parts = value.split("%", -1);
    for (int i = 1; i < parts.length; i += 2) {
      boolean known =
          i < parts.length - 1
              && (parts[i].isEmpty()
                  || VARIABLES.contains(parts[i])
                  || FIELD.matcher(parts[i]).matches());
      if (!known) {
        fields.error(
            name,
            Fields.show(value),
            "between percent signs nothing, REQ(name), or one of " + String.join(", ", VARIABLES));
        return false;
      }
    }
    return true;
  }

  private static boolean isChangeable(Fields fields, String list, String name) {
    boolean sound = name.equals(":authority") || HttpFilterReader.isHeaderName(name);
    if (!sound) {
      fields.error(list, Fields.show(name), "the name of a header");
    }
    return sound;
  }
}
