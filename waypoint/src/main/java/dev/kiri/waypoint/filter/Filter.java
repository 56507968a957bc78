package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import org.jspecify.annotations.Nullable;

/// One step. Stateless; shared by all requests.
public interface Filter {
  /// On the way to the endpoint: may edit the head.
  ///
  /// @return an answer to give instead of going on; null to go on
  default @Nullable LocalReply request(FilterContext context) {
    return null;
  }

  /// On the way back: may edit the answer's head.
  ///
  /// @param local whether the proxy itself answers
  default void response(FilterContext context, Head answer, boolean local) {}
}
