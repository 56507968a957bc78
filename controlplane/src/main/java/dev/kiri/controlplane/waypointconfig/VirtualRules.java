package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.ByteString;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Changes;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Cors;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Direct;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Fault;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Headers;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Redirect;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Retries;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Rewrite;
import dev.kiri.waypoint.config.v1.DirectResponse;
import dev.kiri.waypoint.config.v1.Fraction;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.PathModifier;
import dev.kiri.waypoint.config.v1.RegexSubstitution;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.UrlRewrite;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a VirtualService's rules do, in the waypoint's schema. Pure.
final class VirtualRules {
  /// Upstream's words where a user gives none (waypoint.md 11.1).
  private static final List<String> RETRY_ON =
      List.of("connect-failure", "refused-stream", "unavailable", "cancelled");

  private VirtualRules() {}

  static List<HttpFilter> headers(@Nullable Headers headers) {
    List<HttpFilter> filters = new ArrayList<>();
    if (headers != null) {
      HeaderModifier request = changes(headers.request());
      HeaderModifier response = changes(headers.response());
      if (!request.equals(HeaderModifier.getDefaultInstance())) {
        filters.add(HttpFilter.newBuilder().setRequestHeaders(request).build());
      }
      if (!response.equals(HeaderModifier.getDefaultInstance())) {
        filters.add(HttpFilter.newBuilder().setResponseHeaders(response).build());
      }
    }
    return filters;
  }

  private static HeaderModifier changes(Changes changes) {
    HeaderModifier.Builder out = HeaderModifier.newBuilder().addAllRemove(changes.remove());
    changes.set().forEach(header -> out.addSet(FilterConversion.header(header)));
    changes.add().forEach(header -> out.addAdd(FilterConversion.header(header)));
    return out.getSetCount() + out.getAddCount() == 0
        ? out.build()
        : out.setFormatted(true).build();
  }

  static HttpFilter redirect(Redirect redirect) {
    RequestRedirect.Builder out =
        RequestRedirect.newBuilder()
            .setScheme(redirect.scheme())
            .setHostname(redirect.authority())
            .setPort(redirect.port())
            .setStatusCode(redirect.code())
            .setPortRule(
                switch (redirect.derivePort()) {
                  case "FROM_PROTOCOL_DEFAULT" -> RequestRedirect.PortRule.PROTOCOL_DEFAULT;
                  case "FROM_REQUEST_PORT" -> RequestRedirect.PortRule.SERVICE_PORT;
                  default -> RequestRedirect.PortRule.AS_ADDRESSED;
                });
    if (!redirect.uri().isEmpty()) {
      out.setPath(PathModifier.newBuilder().setReplaceFullPath(redirect.uri()));
    }
    return HttpFilter.newBuilder().setRedirect(out).build();
  }

  static HttpFilter rewrite(Rewrite rewrite) {
    UrlRewrite.Builder out = UrlRewrite.newBuilder().setHostname(rewrite.authority());
    String pattern = rewrite.pattern();
    if (pattern != null) {
      out.setPath(
          PathModifier.newBuilder()
              .setRegex(
                  RegexSubstitution.newBuilder()
                      .setPattern(pattern)
                      .setSubstitution(rewrite.substitution())));
    } else if (!rewrite.uri().isEmpty()) {
      out.setPath(PathModifier.newBuilder().setReplaceMatched(rewrite.uri()));
    }
    return HttpFilter.newBuilder().setRewrite(out).build();
  }

  static HttpFilter cors(Cors cors) {
    var out =
        dev.kiri.waypoint.config.v1.Cors.newBuilder()
            .setAllowCredentials(cors.credentials())
            .addAllAllowMethods(cors.methods())
            .addAllAllowHeaders(cors.headers())
            .addAllExposeHeaders(cors.expose())
            .setForwardUnmatchedPreflights(!cors.ignoreUnmatched());
    cors.origins().forEach(origin -> out.addOriginMatches(VirtualMatches.value("", origin)));
    Duration age = cors.maxAge();
    if (age != null) {
      out.setMaxAge(RouteConversion.duration(age));
    }
    return HttpFilter.newBuilder().setCors(out).build();
  }

  static DirectResponse direct(Direct direct) {
    return DirectResponse.newBuilder()
        .setStatus(direct.status())
        .setBody(ByteString.copyFrom(direct.body(), StandardCharsets.ISO_8859_1))
        .build();
  }

  static dev.kiri.waypoint.config.v1.Fault fault(Fault fault) {
    var out = dev.kiri.waypoint.config.v1.Fault.newBuilder();
    Duration delay = fault.delay();
    if (delay != null) {
      out.setDelay(
          dev.kiri.waypoint.config.v1.Fault.Delay.newBuilder()
              .setDuration(RouteConversion.duration(delay))
              .setShare(share(fault.delayPercent())));
    }
    var abort =
        dev.kiri.waypoint.config.v1.Fault.Abort.newBuilder().setShare(share(fault.abortPercent()));
    Integer http = fault.httpStatus();
    Integer grpc = fault.grpcStatus();
    if (http != null) {
      out.setAbort(abort.setHttpStatus(http));
    } else if (grpc != null) {
      out.setAbort(abort.setGrpcStatus(grpc));
    }
    return out.build();
  }

  /// Parts of a million, as upstream sends percentages.
  static Fraction share(double percent) {
    return Fraction.newBuilder()
        .setNumerator((int) Math.round(percent * 10_000))
        .setDenominator(1_000_000)
        .build();
  }

  /// Status codes are a word of their own too (waypoint.md 11.2).
  static HttpRetry retries(Retries retries) {
    HttpRetry.Builder out =
        HttpRetry.newBuilder().addAllOn(retries.retryOn()).addAllCodes(retries.codes());
    Integer attempts = retries.attempts();
    if (attempts != null) {
      out.setAttempts(attempts);
    }
    Duration backoff = retries.backoff();
    if (backoff != null) {
      out.setBackoff(RouteConversion.duration(backoff));
    }
    if (out.getCodesCount() > 0) {
      out.addOn("retriable-status-codes");
    }
    if (out.getOnCount() == 0) {
      out.addAllOn(RETRY_ON);
    }
    return out.setSameEndpoint(Boolean.FALSE.equals(retries.ignorePreviousHosts())).build();
  }
}
