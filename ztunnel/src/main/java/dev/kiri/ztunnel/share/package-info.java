/// What of a node's proxy each pod gets, so that none starves the others: time on the event loops,
/// places for connections, accepts in a turn; and how much it took.
///
/// [NodeShares] is the node, [PodShare] one pod in it. On each event loop [LoopTurns] decides (by
/// the times it is told) which channels are read in which turn. Upstream has none of this: the
/// first pod to be ready is served, whatever it takes.
@NullMarked
package dev.kiri.ztunnel.share;

import org.jspecify.annotations.NullMarked;
