package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// What a single backend adds to its rule's filters.
public record BackendFilters(
    HeaderEdits requestHeaders,
    HeaderEdits responseHeaders,
    @Nullable Rewrite rewrite,
    @Nullable Redirect redirect) {
  public static final BackendFilters NONE =
      new BackendFilters(HeaderEdits.NONE, HeaderEdits.NONE, null, null);
}
