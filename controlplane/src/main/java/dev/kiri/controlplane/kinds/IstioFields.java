package dev.kiri.controlplane.kinds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Readings that VirtualServices and DestinationRules share. Stateless.
final class IstioFields {
  private IstioFields() {}

  /// A duration of at least a millisecond, or zero where that is allowed; null where absent.
  static @Nullable Duration duration(Fields fields, String name, boolean zero) {
    String text = fields.string(name);
    if (text == null) {
      return null;
    }
    Duration parsed = GoDuration.parse(text).orElse(null);
    boolean sound = parsed != null && (parsed.toNanos() >= 1_000_000 || (zero && parsed.isZero()));
    if (!sound) {
      fields.error(name, Fields.show(text), "a duration of at least 1ms such as 500ms, 10s, 1m30s");
    }
    return sound ? parsed : null;
  }

  /// A percentage in a mapping with `value`.
  static double percentage(Fields holder, String name, double absent) {
    if (!holder.has(name)) {
      return absent;
    }
    Fields fields = holder.child(name);
    double read = fields.decimal("value", 0, 0, 100);
    fields.done();
    return read;
  }

  /// The number of a mapping `port`; 0 where absent.
  static int port(Fields holder) {
    Fields fields = holder.child("port");
    int read = (int) fields.number("number", 0, 1, 65535);
    fields.done();
    return read;
  }

  /// Namespaces an object is for: `*`, `.` or names.
  static List<String> exportTo(Fields spec) {
    List<String> written = spec.strings("exportTo");
    for (String one : written) {
      if (!one.equals("*") && !one.equals(".") && !one.equals("~") && !HostName.isSound(one)) {
        spec.error("exportTo", Fields.show(one), "*, . or the name of a namespace");
      }
    }
    return written;
  }

  /// The labels of a selector; null where the object has none.
  static @Nullable Map<String, String> selector(Fields spec, String name) {
    if (!spec.has(name)) {
      return null;
    }
    Fields fields = spec.child(name);
    Map<String, String> labels = fields.stringMap("matchLabels");
    fields.done();
    return labels;
  }

  /// A host: a DNS name, or `*` perhaps with a suffix.
  static void checkHost(Fields fields, String where, String host) {
    if (!host.equals("*") && !HostName.isSoundOrWildcard(host)) {
      fields
          .problems()
          .error(where, Fields.show(host), "a DNS name, *. and a DNS name, or * alone");
    }
  }
}
