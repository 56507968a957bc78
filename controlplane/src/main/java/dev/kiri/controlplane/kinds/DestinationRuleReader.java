package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.DestinationRuleObject.Balancing;
import dev.kiri.controlplane.kinds.DestinationRuleObject.KeepAlive;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Locality;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Outliers;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Pool;
import dev.kiri.controlplane.kinds.DestinationRuleObject.RetryBudget;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Subset;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Tls;
import dev.kiri.controlplane.kinds.DestinationRuleObject.TrafficPolicy;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Warmup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/// Reads and checks one DestinationRule. What has a meaning that is not honoured is collected, so
/// that the object can say so. Confined to one document.
final class DestinationRuleReader {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration EJECTION = Duration.ofSeconds(30);

  private final List<String> notHonoured = new ArrayList<>();

  private DestinationRuleReader() {}

  static DestinationRuleObject read(Meta meta, Fields top) {
    return new DestinationRuleReader().rule(meta, top.child("spec"));
  }

  private DestinationRuleObject rule(Meta meta, Fields spec) {
    String host = spec.required("host");
    if (!host.isEmpty()) {
      IstioFields.checkHost(spec, spec.at("host"), host);
    }
    TrafficPolicy policy = policy(spec);
    List<Subset> subsets = spec.list("subsets", this::subset);
    if (subsets.stream().map(Subset::name).distinct().count() < subsets.size()) {
      spec.error("subsets", "one name twice", "names that differ");
    }
    unsupported(spec, "workloadSelector");
    DestinationRuleObject read =
        new DestinationRuleObject(
            meta, host, policy, subsets, IstioFields.exportTo(spec), List.copyOf(notHonoured));
    spec.done();
    return read;
  }

  private Subset subset(Fields fields) {
    Subset read = new Subset(fields.required("name"), fields.stringMap("labels"), policy(fields));
    fields.done();
    return read;
  }

  private TrafficPolicy policy(Fields holder) {
    if (!holder.has("trafficPolicy")) {
      return TrafficPolicy.NONE;
    }
    Fields fields = holder.child("trafficPolicy");
    Map<Integer, TrafficPolicy> ports = new HashMap<>();
    fields.list(
        "portLevelSettings",
        port -> {
          int which = IstioFields.port(port);
          ports.put(which, level(port, Map.of()));
          port.done();
          return which;
        });
    TrafficPolicy read = level(fields, Map.copyOf(ports));
    unsupported(fields, "tunnel");
    fields.done();
    return read;
  }

  private TrafficPolicy level(Fields fields, Map<Integer, TrafficPolicy> ports) {
    TrafficPolicy read =
        new TrafficPolicy(
            fields.has("loadBalancer") ? balancing(fields.child("loadBalancer")) : null,
            fields.has("connectionPool") ? pool(fields.child("connectionPool")) : null,
            fields.has("outlierDetection") ? outliers(fields.child("outlierDetection")) : null,
            fields.has("tls") ? tls(fields.child("tls")) : null,
            fields.has("retryBudget") ? budget(fields.child("retryBudget")) : null,
            fields.has("proxyProtocol") ? version(fields.child("proxyProtocol")) : "",
            ports);
    fields.ignore(
        "loadBalancer",
        "connectionPool",
        "outlierDetection",
        "tls",
        "retryBudget",
        "proxyProtocol");
    return read;
  }

  private static String version(Fields fields) {
    String read = fields.choice("version", "V1", List.of("V1", "V2"));
    fields.done();
    return read;
  }

  /// Upstream's defaults (istio/api networking/v1alpha3/destination_rule.proto).
  private static RetryBudget budget(Fields fields) {
    RetryBudget read =
        new RetryBudget(
            fields.decimal("percent", 20, 0, 100),
            (int) fields.number("minRetryConcurrency", 3, 0, Integer.MAX_VALUE));
    fields.done();
    return read;
  }

  private Balancing balancing(Fields fields) {
    String simple =
        fields.choice(
            "simple",
            "LEAST_REQUEST",
            List.of(
                "UNSPECIFIED",
                "LEAST_CONN",
                "LEAST_REQUEST",
                "RANDOM",
                "ROUND_ROBIN",
                "PASSTHROUGH"));
    if (simple.equals("PASSTHROUGH")) {
      notHonoured.add(fields.at("simple") + " PASSTHROUGH");
    }
    LocalityReader placing = new LocalityReader();
    Locality locality =
        fields.has("localityLbSetting")
            ? placing.locality(fields.child("localityLbSetting"))
            : null;
    notHonoured.addAll(placing.notHonoured());
    Warmup warmup = LocalityReader.warmup(fields);
    Balancing hash =
        fields.has("consistentHash")
            ? hash(fields.child("consistentHash"))
            : new Balancing(simple, "", "", "", null, null, null);
    Balancing read =
        new Balancing(
            hash.simple(), hash.hashBy(), hash.name(), hash.path(), hash.ttl(), locality, warmup);
    if (fields.has("consistentHash") && fields.has("simple")) {
      fields.error("simple", "simple and consistentHash", "one of the two");
    }
    fields.ignore("consistentHash", "localityLbSetting");
    fields.done();
    return read;
  }

  private static Balancing hash(Fields fields) {
    String header = fields.stringOr("httpHeaderName", "");
    String query = fields.stringOr("httpQueryParameterName", "");
    boolean source = fields.bool("useSourceIp", false);
    Balancing read;
    if (!header.isEmpty()) {
      read = new Balancing("", "HEADER", header, "", null, null, null);
    } else if (!query.isEmpty()) {
      read = new Balancing("", "QUERY", query, "", null, null, null);
    } else if (fields.has("httpCookie")) {
      Fields cookie = fields.child("httpCookie");
      read =
          new Balancing(
              "",
              "COOKIE",
              cookie.required("name"),
              cookie.stringOr("path", ""),
              IstioFields.duration(cookie, "ttl", true),
              null,
              null);
      cookie.done();
    } else if (source) {
      read = new Balancing("", "SOURCE_IP", "", "", null, null, null);
    } else {
      fields.error(
          "httpHeaderName",
          "nothing",
          "one of httpCookie, httpHeaderName, httpQueryParameterName, useSourceIp");
      read = new Balancing("", "", "", "", null, null, null);
    }
    if (!header.isEmpty() && !HttpFilterReader.isHeaderName(header)) {
      fields.error("httpHeaderName", Fields.show(header), "the name of a header");
    }
    // The ring's size changes how evenly keys are spread upstream; ours needs none.
    fields.ignore("ringHash", "maglev", "minimumRingSize", "httpCookie");
    fields.done();
    return read;
  }

  private Pool pool(Fields fields) {
    Fields tcp = fields.child("tcp");
    Fields http = fields.child("http");
    String upgrade =
        http.choice("h2UpgradePolicy", "DEFAULT", List.of("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"));
    if (http.bool("useClientProtocol", false)) {
      upgrade = "CLIENT";
    }
    Pool read =
        new Pool(
            limit(tcp, "maxConnections"),
            limit(http, "http1MaxPendingRequests"),
            limit(http, "http2MaxRequests"),
            limit(http, "maxRequestsPerConnection"),
            limit(http, "maxRetries"),
            limit(http, "maxConcurrentStreams"),
            upgrade,
            IstioFields.duration(tcp, "connectTimeout", false),
            tcp.has("tcpKeepalive") ? keepAlive(tcp.child("tcpKeepalive")) : null,
            IstioFields.duration(http, "idleTimeout", true),
            IstioFields.duration(tcp, "idleTimeout", true),
            IstioFields.duration(tcp, "maxConnectionDuration", false));
    tcp.ignore("tcpKeepalive");
    unsupported(http, "http2KeepAlive");
    tcp.done();
    http.done();
    fields.ignore("tcp", "http");
    fields.done();
    return read;
  }

  private static KeepAlive keepAlive(Fields fields) {
    KeepAlive read =
        new KeepAlive(
            limit(fields, "probes"),
            Objects.requireNonNullElse(IstioFields.duration(fields, "time", false), Duration.ZERO),
            Objects.requireNonNullElse(
                IstioFields.duration(fields, "interval", false), Duration.ZERO));
    fields.done();
    return read;
  }

  private static int limit(Fields fields, String name) {
    return (int) fields.number(name, 0, 0, Integer.MAX_VALUE);
  }

  private static Outliers outliers(Fields fields) {
    fields.ignore("consecutiveErrors");
    Outliers read =
        new Outliers(
            (int) fields.number("consecutive5xxErrors", 5, 0, Integer.MAX_VALUE),
            limit(fields, "consecutiveGatewayErrors"),
            fields.bool("splitExternalLocalOriginErrors", false),
            (int) fields.number("consecutiveLocalOriginFailures", 5, 0, Integer.MAX_VALUE),
            Objects.requireNonNullElse(IstioFields.duration(fields, "interval", false), INTERVAL),
            Objects.requireNonNullElse(
                IstioFields.duration(fields, "baseEjectionTime", false), EJECTION),
            (int) fields.number("maxEjectionPercent", 10, 0, 100),
            (int) fields.number("minHealthPercent", 0, 0, 100));
    fields.done();
    return read;
  }

  private Tls tls(Fields fields) {
    Tls read =
        new Tls(
            fields.choice(
                "mode", "DISABLE", List.of("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")),
            fields.stringOr("sni", ""),
            fields.strings("subjectAltNames"),
            fields.bool("insecureSkipVerify", false),
            fields.stringOr("caCertificates", ""),
            fields.stringOr("clientCertificate", ""),
            fields.stringOr("privateKey", ""),
            fields.stringOr("credentialName", ""));
    boolean files =
        !(read.roots().isEmpty() && read.certificate().isEmpty() && read.key().isEmpty());
    if (read.mode().equals("MUTUAL") && read.credential().isEmpty()) {
      fields.required("clientCertificate");
      fields.required("privateKey");
    }
    if (read.mode().equals("ISTIO_MUTUAL") && (files || !read.credential().isEmpty())) {
      fields.error("mode", "ISTIO_MUTUAL with certificates", "MUTUAL, or no certificates");
    }
    if (files && !read.credential().isEmpty()) {
      fields.error("credentialName", "a name beside files", "one of the two");
    }
    unsupported(fields, "caCrl");
    fields.done();
    return read;
  }

  private void unsupported(Fields fields, String... names) {
    for (String name : new TreeSet<>(List.of(names))) {
      if (fields.has(name)) {
        notHonoured.add(fields.at(name));
        fields.warning(name, Fields.show(fields.raw(name)), "nothing (not honoured yet)");
      }
      fields.ignore(name);
    }
  }
}
