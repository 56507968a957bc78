package dev.kiri.ztunnel.share;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// Divides the turns of one event loop among the pods that want them. Confined to the loop.
///
/// A turn is one round over the sockets that are ready. While only one pod is busy it may take all
/// of it. Once several have been seen within [#WINDOW_NANOS], each has an equal part of
/// [#TURN_NANOS] in each turn: a channel of a pod that has used its part is not read again before
/// the next turn, and of those that wait only as many go on as the pod's part has room for. So a
/// pod waits for the others' parts, and not for all their connections.
final class LoopTurns {
  /// What the pods together may take of a turn while they compete.
  static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /// How long a pod counts as one that competes.
  static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  static final long UNLIMITED = Long.MAX_VALUE;

  private final Executor endOfTurn;
  private final List<LoopShare> busy = new ArrayList<>();
  private long turn;
  private boolean scheduled;
  private long window;
  private long windowEnd;
  private int seen;
  private int seenBefore;

  /// `endOfTurn` runs what it is given once after all sockets of the present turn, or, when called
  /// from there, of the next one.
  LoopTurns(Executor endOfTurn, long now) {
    this.endOfTurn = endOfTurn;
    this.windowEnd = now + WINDOW_NANOS;
  }

  long turn() {
    return turn;
  }

  /// What one pod may take of a turn now.
  private long part() {
    int competing = Math.max(seen, seenBefore);
    return competing < 2 ? UNLIMITED : TURN_NANOS / competing;
  }

  /// A pod was served until now: it competes for a while. Answers its [#part].
  long served(LoopShare share, long now) {
    if (now - windowEnd >= 0) {
      // a window without anybody is over as well
      seenBefore = now - windowEnd >= WINDOW_NANOS ? 0 : seen;
      seen = 0;
      window++;
      windowEnd = now + WINDOW_NANOS;
    }
    if (share.seenIn(window)) {
      seen++;
    }
    long part = part();
    if (part != UNLIMITED && !scheduled) {
      scheduled = true;
      endOfTurn.execute(this::turnEnded);
    }
    return part;
  }

  /// A channel of this pod waits.
  void waits(LoopShare share) {
    if (!busy.contains(share)) { // as many as pods compete: few
      busy.add(share);
    }
  }

  private void turnEnded() {
    scheduled = false;
    turn++;
    long part = part();
    busy.removeIf(share -> share.goOn(part));
    if (!busy.isEmpty()) {
      scheduled = true;
      endOfTurn.execute(this::turnEnded);
    }
  }
}
