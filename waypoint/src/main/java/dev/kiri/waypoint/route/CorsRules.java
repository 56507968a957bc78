package dev.kiri.waypoint.route;

import java.util.List;

/// Cross-origin rules of one route rule.
///
/// @param origins one must match the whole `Origin` value to allow it
/// @param maxAgeSeconds how long a browser may remember a preflight; negative: not said
/// @param forwardUnmatched whether the preflight of another origin goes on to the backend
public record CorsRules(
    List<ValueMatch> origins,
    boolean credentials,
    List<String> methods,
    List<String> headers,
    List<String> expose,
    long maxAgeSeconds,
    boolean forwardUnmatched) {

  public CorsRules {
    origins = List.copyOf(origins);
    methods = List.copyOf(methods);
    headers = List.copyOf(headers);
    expose = List.copyOf(expose);
  }

  public boolean allows(String origin) {
    for (ValueMatch allowed : origins) {
      if (allowed.matches(origin)) {
        return true;
      }
    }
    return false;
  }
}
