package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.VirtualServiceObject.Comparison;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Cors;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Destination;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Direct;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Mirror;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Redirect;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Rewrite;
import dev.kiri.controlplane.kinds.VirtualServiceObject.TextMatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Reads where a VirtualService's rules send requests and what they change on the way, and how they
/// answer themselves. Stateless.
final class VirtualActionReader {
  private static final int MAX_BODY = 1 << 20;

  private VirtualActionReader() {}

  /// A destination without weight and headers.
  static Destination destination(Fields holder, String name) {
    if (!holder.has(name)) {
      holder.error(name, "nothing", "a destination (required)");
    }
    Fields fields = holder.child(name);
    int port = IstioFields.port(fields);
    Destination read =
        new Destination(fields.required("host"), fields.stringOr("subset", ""), port, 0, null);
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

  static List<Mirror> mirrors(Fields rule) {
    List<Mirror> read = new ArrayList<>();
    if (rule.has("mirror")) {
      double percent = rule.decimal("mirrorPercent", 100, 0, 100);
      Destination to = destination(rule, "mirror");
      read.add(new Mirror(to, IstioFields.percentage(rule, "mirrorPercentage", percent)));
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
                      destination(mirror, "destination"),
                      IstioFields.percentage(mirror, "percentage", 100));
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
}
