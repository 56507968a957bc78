package dev.kiri.hbone.connect;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What one end tells the other about its workload, for telemetry only: never a fact for policy.
///
/// Immutable; every field may be absent. `workloadType` is lower case (`deployment`, `cronjob`,
/// `pod`, `job`) and decides the key under which `workloadName` travels. The text form has no
/// encoding, no spaces and a fixed order (istio/ztunnel `src/baggage.rs`).
public record Baggage(
    @Nullable String cluster,
    @Nullable String namespace,
    @Nullable String workloadType,
    @Nullable String workloadName,
    @Nullable String serviceName,
    @Nullable String serviceVersion,
    @Nullable String region,
    @Nullable String zone) {

  public static final Baggage EMPTY = new Baggage(null, null, null, null, null, null, null, null);

  private static final List<String> WORKLOAD_TYPES = List.of("deployment", "cronjob", "pod", "job");

  /// Reads all `baggage` header lines in order. Never fails: unknown keys are skipped, an empty
  /// value unsets, later ones win, and one character outside ASCII makes the whole baggage empty.
  public static Baggage parse(List<String> headerLines) {
    var fields = new Fields();
    for (var line : headerLines) {
      if (!isAscii(line)) {
        return EMPTY;
      }
      int from = 0;
      while (from <= line.length()) {
        int comma = line.indexOf(',', from);
        int to = comma < 0 ? line.length() : comma;
        member(line, from, to, fields);
        from = to + 1;
      }
    }
    return fields.baggage();
  }

  private static void member(String line, int from, int to, Fields fields) {
    int equals = line.indexOf('=', from);
    if (equals < 0 || equals >= to) {
      return;
    }
    int second = line.indexOf('=', equals + 1);
    int valueEnd = second < 0 || second > to ? to : second;
    var value = valueEnd == equals + 1 ? null : line.substring(equals + 1, valueEnd);
    fields.set(line.substring(from, equals), value);
  }

  private static boolean isAscii(String line) {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) > 0x7e || line.charAt(i) < 0x20) {
        return false;
      }
    }
    return true;
  }

  /// The header value; empty when no field is set.
  public String format() {
    var out = new StringBuilder(160);
    append(out, "k8s.cluster.name", cluster);
    append(out, "k8s.namespace.name", namespace);
    if (workloadName != null) {
      var type = workloadType == null ? "pod" : workloadType.toLowerCase(Locale.ROOT);
      append(out, "k8s." + type + ".name", workloadName);
    }
    append(out, "service.name", serviceName);
    append(out, "service.version", serviceVersion);
    append(out, "cloud.region", region);
    append(out, "cloud.availability_zone", zone);
    return out.toString();
  }

  private static void append(StringBuilder out, String key, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      return;
    }
    if (!out.isEmpty()) {
      out.append(',');
    }
    out.append(key).append('=').append(value);
  }

  private static final class Fields {
    private @Nullable String cluster;
    private @Nullable String namespace;
    private @Nullable String workloadType;
    private @Nullable String workloadName;
    private @Nullable String serviceName;
    private @Nullable String serviceVersion;
    private @Nullable String region;
    private @Nullable String zone;

    void set(String key, @Nullable String value) {
      switch (key) {
        case "k8s.cluster.name" -> cluster = value;
        case "k8s.namespace.name" -> namespace = value;
        case "service.name" -> serviceName = value;
        case "service.version" -> serviceVersion = value;
        case "cloud.region" -> region = value;
        case "cloud.availability_zone" -> zone = value;
        default -> workload(key, value);
      }
    }

    private void workload(String key, @Nullable String value) {
      if (key.startsWith("k8s.") && key.endsWith(".name") && key.length() > 9) {
        var type = key.substring(4, key.length() - 5);
        if (WORKLOAD_TYPES.contains(type)) {
          workloadType = value == null ? null : type;
          workloadName = value;
        }
      }
    }

    Baggage baggage() {
      return new Baggage(
          cluster,
          namespace,
          workloadType,
          workloadName,
          serviceName,
          serviceVersion,
          region,
          zone);
    }
  }
}
