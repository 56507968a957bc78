package dev.kiri.hbone.pool;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.testing.PartialHandler;
import java.util.concurrent.CompletableFuture;

/// Waits for the events of one stream.
final class Opened implements PartialHandler {
  private final CompletableFuture<HboneStream> stream = new CompletableFuture<>();
  final CompletableFuture<StreamClosed> closed = new CompletableFuture<>();

  HboneStream stream() {
    return stream.join();
  }

  /// Ends this direction and waits until the stream is over.
  void finish() {
    stream.thenAccept(opened -> opened.loop().execute(opened::end));
    closed.join();
  }

  HboneFailure failure() {
    return closed.join() instanceof StreamClosed.Failed(var failure)
        ? failure
        : new HboneFailure.Io("no failure");
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    stream.complete(opened);
  }

  @Override
  public void closed(StreamClosed why) {
    closed.complete(why);
  }
}
