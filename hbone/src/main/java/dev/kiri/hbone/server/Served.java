package dev.kiri.hbone.server;

import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// What a listener does with the channels that it accepts. Thread-safe.
public sealed interface Served permits HboneServer, SandwichServer {

  /// The handler for accepted channels (a server bootstrap's child handler); shared by all of them.
  ChannelHandler childHandler();

  /// Takes no new requests; completes when the last one has ended, at `deadline` at the latest.
  CompletionStage<Void> drain(Duration deadline);

  /// Ends everything at once; `text` says why.
  void closeAll(String text);
}
