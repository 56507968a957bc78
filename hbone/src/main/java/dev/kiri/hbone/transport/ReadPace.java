package dev.kiri.hbone.transport;

/// How much one read may bring: a whole scratch while bulk has the loop for itself, far less while
/// others have messages on it, who wait for the end of every turn. Confined to the loop.
///
/// A message is what a channel brings by less than [#MESSAGE] bytes at a time. Time is counted in
/// reads, which costs no look at a clock.
public final class ReadPace {
  /// What one read brings at most while others have messages: a tenth of a millisecond to seal or
  /// open, write and go on.
  public static final int SHARED = 128 << 10;

  /// What counts as a message.
  public static final int MESSAGE = 16 << 10;

  /// A few milliseconds of short turns, a few tens of long ones.
  static final int REMEMBERED_READS = 256;

  private long reads;
  private int lastId;
  private int channel; // the last one that brought a message
  private long at = -REMEMBERED_READS - 1;
  private long atOfOthers = -REMEMBERED_READS - 1; // when another one than that did

  ReadPace() {}

  /// The name of a new channel.
  int newChannel() {
    return ++lastId;
  }

  /// A channel is about to be read.
  void reading() {
    reads++;
  }

  /// This channel has brought a message, and nothing else in this turn.
  void message(int from) {
    if (from != channel) {
      channel = from;
      atOfOthers = at;
    }
    at = reads;
  }

  /// Whether other channels than this one have had messages lately.
  boolean isShared(int by) {
    return reads - (by == channel ? atOfOthers : at) <= REMEMBERED_READS;
  }
}
