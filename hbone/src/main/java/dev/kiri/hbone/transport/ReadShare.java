package dev.kiri.hbone.transport;

import io.netty.util.AttributeKey;

/// What the channels of one owner may read, among those of others on the same event loop. Confined
/// to that loop.
///
/// Set as attribute [#OF] of a channel before it is bridged or tunnelled; a channel without reads
/// as it likes. Honoured by the transports that [ScratchReads] serves.
public interface ReadShare {
  /// Where a channel has it.
  AttributeKey<ReadShare> OF = AttributeKey.valueOf(ReadShare.class, "OF");

  /// A channel that was ready has been read: so many bytes, and what followed from them at once has
  /// taken so long; `now` it is over ([System#nanoTime]). True if the owner has had its part of
  /// this turn: the channel is not read again before [Waiting#goOn], which the caller of this
  /// arranges by [#await].
  boolean used(long bytes, long nanos, long now);

  /// Has a channel that stopped reading called when it is the owner's turn again.
  void await(Waiting channel);

  /// A channel that waits for the next turn of its owner.
  @FunctionalInterface
  interface Waiting {
    void goOn();
  }
}
