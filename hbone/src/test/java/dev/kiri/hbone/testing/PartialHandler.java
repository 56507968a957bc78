package dev.kiri.hbone.testing;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;

/// A handler of which a test writes only what it wants to hear.
public interface PartialHandler extends StreamHandler {
  @Override
  default void opened(HboneStream stream, ConnectResponse response) {}

  @Override
  default void data(ByteBuf borrowed) {}

  @Override
  default void end() {}

  @Override
  default void writable() {}

  @Override
  default void closed(StreamClosed why) {}
}
