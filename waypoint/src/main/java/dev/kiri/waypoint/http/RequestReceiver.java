package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;

/// Gets the requests of one client stream. Confined to its loop.
public interface RequestReceiver {
  /// A new request. The answer may be given before this returns.
  Request request(RequestStart start, Downstream client);

  /// A message that is refused for its form; the receiver answers with the problem's status. The
  /// stream ends afterwards.
  ///
  /// @param head what was read of it, possibly nothing
  void malformed(Head head, HeadProblem problem, Downstream client);

  /// A head that is free to be filled; given back through [#recycle].
  Head newHead();

  void recycle(Head head);
}
