package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.PathRewrite;
import dev.kiri.waypoint.route.Rewrite;
import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// Sends the request under another authority or path; what it was stays in `x-envoy-original-*`.
final class Rewrites implements Filter {
  private static final HeaderName ORIGINAL_PATH = HeaderName.of("x-envoy-original-path");
  private static final HeaderName ORIGINAL_HOST = HeaderName.of("x-envoy-original-host");

  @Override
  public @Nullable LocalReply request(FilterContext context) {
    if (context.route() instanceof RouteDecision.Matched matched) {
      Backend.OfService backend = context.backend();
      apply(context.head(), matched.rule().rewrite(), matched.by());
      apply(context.head(), backend == null ? null : backend.filters().rewrite(), matched.by());
    }
    return null;
  }

  private static void apply(Head head, @Nullable Rewrite rewrite, PathMatch matched) {
    if (rewrite == null) {
      return;
    }
    String hostname = rewrite.hostname();
    if (hostname != null) {
      head.set(ORIGINAL_HOST, head.text(head.authority()));
      head.authority(head.append(hostname));
    }
    PathRewrite path = rewrite.path();
    if (path != null) {
      head.set(ORIGINAL_PATH, head.target());
      head.path(head.append(path.apply(head.text(head.path()), matched)));
    }
  }
}
