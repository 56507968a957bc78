package dev.kiri.hbone.testing;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.server.IncomingConnect;
import org.jspecify.annotations.Nullable;

/// The accepting end of a stream that ends when the other end does.
public final class EndsWithPeer implements PartialHandler {
  private @Nullable HboneStream stream;

  public static void accept(IncomingConnect incoming) {
    var handler = new EndsWithPeer();
    handler.stream = incoming.accept(ConnectResponse.OK, handler);
  }

  private EndsWithPeer() {}

  @Override
  public void end() {
    var open = stream;
    if (open != null) {
      open.end();
    }
  }
}
