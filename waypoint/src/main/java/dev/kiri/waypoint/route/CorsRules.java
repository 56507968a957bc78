package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;
import java.util.List;

/// Cross-origin rules of one route rule (Gateway API HTTPCORSFilter).
///
/// @param origins each must match a whole `Origin` value to allow it
/// @param maxAgeSeconds how long a browser may remember a preflight
public record CorsRules(
    List<Pattern> origins,
    boolean anyOrigin,
    boolean credentials,
    List<String> methods,
    List<String> headers,
    List<String> expose,
    long maxAgeSeconds) {

  public CorsRules {
    origins = List.copyOf(origins);
    methods = List.copyOf(methods);
    headers = List.copyOf(headers);
    expose = List.copyOf(expose);
  }

  public boolean allows(String origin) {
    for (Pattern pattern : origins) {
      if (pattern.matches(origin)) {
        return true;
      }
    }
    return false;
  }
}
