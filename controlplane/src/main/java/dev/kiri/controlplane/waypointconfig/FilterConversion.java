package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.Duration;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Header;
import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.Fraction;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathModifier;
import dev.kiri.waypoint.config.v1.RequestMirror;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.UrlRewrite;
import java.util.List;
import java.util.Optional;

/// Filters of a route in the waypoint's schema. A mirror whose backend does not resolve is left
/// out, since the main request must go on; any other filter that cannot be honoured answers 500.
final class FilterConversion {
  private final RouteObject route;
  private final Backends backends;
  private final Reader reader;
  private final List<Invalid> unresolved;

  FilterConversion(RouteObject route, Backends backends, Reader reader, List<Invalid> unresolved) {
    this.route = route;
    this.backends = backends;
    this.reader = reader;
    this.unresolved = unresolved;
  }

  Optional<HttpFilter> convert(Filter filter) {
    HttpFilter.Builder out = HttpFilter.newBuilder();
    switch (filter) {
      case Filter.Headers headers -> {
        HeaderModifier modifier = headers(headers);
        if (headers.request()) {
          out.setRequestHeaders(modifier);
        } else {
          out.setResponseHeaders(modifier);
        }
      }
      case Filter.Redirect redirect -> out.setRedirect(redirect(redirect));
      case Filter.Rewrite rewrite -> {
        UrlRewrite.Builder to = UrlRewrite.newBuilder().setHostname(rewrite.hostname());
        var path = rewrite.path();
        if (path != null) {
          to.setPath(path(path));
        }
        out.setRewrite(to);
      }
      case Filter.Mirror mirror -> {
        HttpBackend.Builder to =
            backends.resolve(mirror.backend(), route.meta().namespace(), reader);
        if (to.hasInvalid()) {
          unresolved.add(to.getInvalid());
          return Optional.empty();
        }
        RequestMirror.Builder copy = RequestMirror.newBuilder().setBackend(to);
        if (mirror.numerator() != mirror.denominator()) {
          copy.setFraction(
              Fraction.newBuilder()
                  .setNumerator(mirror.numerator())
                  .setDenominator(mirror.denominator()));
        }
        out.setMirror(copy);
      }
      case Filter.Cors cors ->
          out.setCors(
              Cors.newBuilder()
                  .addAllAllowOrigins(cors.allowOrigins())
                  .setAllowCredentials(cors.allowCredentials())
                  .addAllAllowMethods(cors.allowMethods())
                  .addAllAllowHeaders(cors.allowHeaders())
                  .addAllExposeHeaders(cors.exposeHeaders())
                  .setMaxAge(Duration.newBuilder().setSeconds(cors.maxAgeSeconds())));
      case Filter.Unsupported(String type) ->
          out.setInvalid(
              Backends.invalid("UnsupportedValue", "unsupported filter type \"" + type + "\""));
    }
    return Optional.of(out.build());
  }

  private static HeaderModifier headers(Filter.Headers headers) {
    HeaderModifier.Builder out = HeaderModifier.newBuilder().addAllRemove(headers.remove());
    headers.set().forEach(header -> out.addSet(header(header)));
    headers.add().forEach(header -> out.addAdd(header(header)));
    return out.build();
  }

  static dev.kiri.waypoint.config.v1.Header header(Header header) {
    return dev.kiri.waypoint.config.v1.Header.newBuilder()
        .setName(header.name())
        .setValue(header.value())
        .build();
  }

  private static RequestRedirect redirect(Filter.Redirect redirect) {
    RequestRedirect.Builder out =
        RequestRedirect.newBuilder()
            .setScheme(redirect.scheme())
            .setHostname(redirect.hostname())
            .setPort(redirect.port())
            .setStatusCode(redirect.status());
    var path = redirect.path();
    if (path != null) {
      out.setPath(path(path));
    }
    return out.build();
  }

  private static PathModifier path(RouteObject.PathModifier path) {
    return path.full()
        ? PathModifier.newBuilder().setReplaceFullPath(path.value()).build()
        : PathModifier.newBuilder().setReplacePrefixMatch(path.value()).build();
  }
}
