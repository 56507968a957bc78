package dev.kiri.hbone.transport;

import java.util.ArrayList;
import java.util.concurrent.atomic.LongAdder;

/// Who on a loop holds bytes for others who do not take them. When direct memory is all but used
/// up, whoever holds most gives something up. Confined to the loop, but for the count.
public final class Holders {
  private static final LongAdder GIVEN_UP = new LongAdder();

  /// One of them.
  public interface Holder {
    /// Bytes held now.
    long held();

    /// Gives some of it up at once; answers whether there was anything to give.
    boolean giveUp();
  }

  private final ArrayList<Holder> all = new ArrayList<>();

  Holders() {}

  /// How often anybody of this process had to give something up.
  public static long givenUp() {
    return GIVEN_UP.sum();
  }

  public void add(Holder holder) {
    all.add(holder);
  }

  public void remove(Holder holder) {
    all.remove(holder);
  }

  /// More bytes have come to be held.
  public void more() {
    if (DirectMemory.level() == DirectMemory.Level.CRITICAL) {
      largestGivesUp();
    }
  }

  void largestGivesUp() {
    Holder largest = null;
    for (var holder : all) {
      if (largest == null || holder.held() > largest.held()) {
        largest = holder;
      }
    }
    if (largest != null && largest.giveUp()) {
      GIVEN_UP.increment();
    }
  }
}
