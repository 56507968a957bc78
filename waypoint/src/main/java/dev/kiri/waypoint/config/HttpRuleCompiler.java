package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.RequestMirror;
import dev.kiri.waypoint.config.v1.SessionPersistence;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.BackendFilters;
import dev.kiri.waypoint.route.CorsRules;
import dev.kiri.waypoint.route.HeaderEdits;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.Redirect;
import dev.kiri.waypoint.route.Rewrite;
import dev.kiri.waypoint.route.RuleName;
import dev.kiri.waypoint.route.SessionRules;
import dev.kiri.waypoint.route.WeightedBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compiles filters, backends and timeouts of one rule. Confined to one compilation.
final class HttpRuleCompiler {
  private HeaderEdits requestHeaders = HeaderEdits.NONE;
  private HeaderEdits responseHeaders = HeaderEdits.NONE;
  private @Nullable Redirect redirect;
  private @Nullable Rewrite rewrite;
  private @Nullable CorsRules cors;
  private final List<HttpRule.Mirror> mirrors = new ArrayList<>();
  private @Nullable String broken;

  private HttpRuleCompiler() {}

  static HttpRule compile(RuleName name, dev.kiri.waypoint.config.v1.HttpRule rule, String field) {
    HttpRuleCompiler compiler = new HttpRuleCompiler();
    if (rule.hasInvalid()) {
      return HttpRule.broken(name, text(rule.getInvalid()));
    }
    for (int i = 0; i < rule.getFiltersCount(); i++) {
      compiler.filter(rule.getFilters(i), field + ".filters[" + i + "]");
    }
    WeightedBackends backends = backends(rule.getBackendsList(), field);
    if (compiler.broken != null) {
      return HttpRule.broken(name, compiler.broken);
    }
    return new HttpRule(
        name,
        compiler.requestHeaders,
        compiler.responseHeaders,
        compiler.redirect,
        compiler.rewrite,
        compiler.cors,
        rule.hasDirectResponse()
            ? RuleAnswers.direct(rule.getDirectResponse(), field + ".direct_response")
            : null,
        rule.hasFault() ? RuleAnswers.fault(rule.getFault(), field + ".fault") : null,
        compiler.mirrors,
        backends,
        timeout(
            rule.getTimeouts().hasRequest(),
            rule.getTimeouts().getRequest(),
            field + ".timeouts.request"),
        timeout(
            rule.getTimeouts().hasBackendRequest(),
            rule.getTimeouts().getBackendRequest(),
            field + ".timeouts.backend_request"),
        rule.hasRetry() ? RetryCompiler.compile(rule.getRetry(), field + ".retry") : null,
        rule.hasSession() ? session(rule.getSession(), field + ".session") : null,
        null);
  }

  private static SessionRules session(SessionPersistence session, String field) {
    HeaderName name = MatchCompiler.headerName(session.getName(), field + ".name");
    return new SessionRules(
        session.getHeader() ? name : null,
        session.getName(),
        session.getPath(),
        timeout(session.hasLifetime(), session.getLifetime(), field + ".lifetime"),
        timeout(session.hasIdle(), session.getIdle(), field + ".idle"),
        timeout(session.hasAbsolute(), session.getAbsolute(), field + ".absolute"));
  }

  static WeightedBackends backends(List<HttpBackend> backends, String field) {
    List<WeightedBackends.Share> shares = new ArrayList<>();
    for (int i = 0; i < backends.size(); i++) {
      HttpBackend backend = backends.get(i);
      shares.add(
          new WeightedBackends.Share(
              backend(backend, field + ".backends[" + i + "]"), backend.getWeight()));
    }
    return new WeightedBackends(shares);
  }

  /// Only a VirtualService may leave the port to what the client addressed.
  static void requirePorts(List<HttpBackend> backends, String field) {
    for (int i = 0; i < backends.size(); i++) {
      if (backends.get(i).hasService() && backends.get(i).getService().getPort() == 0) {
        throw new InvalidConfig(field + ".backends[" + i + "].service.port", "0 is not a port");
      }
    }
  }

  private void filter(HttpFilter filter, String field) {
    switch (filter.getFilterCase()) {
      case REQUEST_HEADERS ->
          requestHeaders = FilterCompiler.headers(filter.getRequestHeaders(), field);
      case RESPONSE_HEADERS ->
          responseHeaders = FilterCompiler.headers(filter.getResponseHeaders(), field);
      case REDIRECT -> redirect = FilterCompiler.redirect(filter.getRedirect(), field);
      case REWRITE -> rewrite = FilterCompiler.rewrite(filter.getRewrite(), field);
      case MIRROR -> mirror(filter.getMirror(), field);
      case CORS -> cors = FilterCompiler.cors(filter.getCors(), field);
      case INVALID -> broken = text(filter.getInvalid());
      case FILTER_NOT_SET -> throw new InvalidConfig(field, "no filter this proxy knows");
    }
  }

  /// A mirror whose target does not resolve is left out; the request itself goes on (Gateway API).
  private void mirror(RequestMirror mirror, String field) {
    if (backend(mirror.getBackend(), field) instanceof Backend.OfService service) {
      mirrors.add(
          new HttpRule.Mirror(
              service,
              mirror.hasFraction()
                  ? RuleAnswers.share(mirror.getFraction(), field + ".mirror.fraction")
                  : 1));
    }
  }

  static Backend backend(HttpBackend backend, String field) {
    return switch (backend.getTargetCase()) {
      case INVALID ->
          new Backend.Invalid(
              backend.getInvalid().getReason(),
              backend.getInvalid().getMessage(),
              backend.getInvalid().getStatus() == 0 ? 500 : backend.getInvalid().getStatus());
      case SERVICE -> {
        var service = backend.getService();
        if (service.getPort() < 0 || service.getPort() > 65535) {
          throw new InvalidConfig(field + ".service.port", service.getPort() + " is not a port");
        }
        Boolean http2 =
            switch (PortProtocol.of(service.getProtocol())) {
              case HTTP2 -> true;
              case HTTP -> false;
              case TCP, SNIFF -> null;
            };
        BackendFilters filters;
        try {
          filters = FilterCompiler.backendFilters(backend.getFiltersList(), field);
        } catch (Unsupported filter) {
          yield new Backend.Invalid("InvalidFilter", filter.getMessage(), 500);
        }
        yield new Backend.OfService(
            new ServiceKey(service.getNamespace(), service.getHostname()),
            service.getPort(),
            service.getSubset(),
            http2,
            filters);
      }
      case TARGET_NOT_SET -> throw new InvalidConfig(field, "no target this proxy knows");
    };
  }

  static @Nullable Duration timeout(boolean set, com.google.protobuf.Duration wire, String field) {
    try {
      return Durations.timeout(set, wire);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig(field, "must not be negative");
    }
  }

  static String text(Invalid invalid) {
    return invalid.getReason()
        + (invalid.getMessage().isEmpty() ? "" : ": " + invalid.getMessage());
  }

  /// A filter that cannot be honoured where it stands.
  static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String text;

    Unsupported(String text) {
      super(text);
      this.text = text;
    }

    @Override
    public String getMessage() {
      return text;
    }
  }
}
