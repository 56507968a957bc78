package dev.kiri.hbone.pool;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.testing.PartialHandler;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The dialling end of a stream of a [PoolWorld]: ended in every way, and heard for the ledger.
final class TrackedStream implements PartialHandler {
  private final PoolLedger ledger;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile @Nullable HboneStream stream;
  private volatile boolean finishing;
  private @Nullable Opening opening;

  TrackedStream(PoolLedger ledger) {
    this.ledger = ledger;
  }

  void opening(Opening begun) {
    opening = begun;
  }

  void finish() {
    finishing = true;
    var to = stream;
    if (to != null) {
      to.loop().execute(to::end);
    }
  }

  void reset() {
    var to = stream;
    if (to == null) {
      cancel();
    } else {
      to.loop().execute(() -> to.reset(H2Error.CANCEL));
    }
  }

  /// Has no effect on a stream that has opened: that one is finished.
  void cancel() {
    if (opening != null) {
      opening.cancel();
    }
    finish();
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    stream = opened;
    if (finishing) {
      opened.end();
    }
  }

  @Override
  public void closed(StreamClosed why) {
    ledger.closed(over.getAndSet(true), why);
  }
}
