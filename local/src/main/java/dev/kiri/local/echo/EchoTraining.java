package dev.kiri.local.echo;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

/// Answers one request of each protocol without a socket, to load the classes that takes.
public final class EchoTraining {
  private EchoTraining() {}

  public static void run() {
    var who =
        new EchoIdentity(
            "pod",
            "namespace",
            "node",
            "v1",
            8080,
            "http",
            EchoCertificate.context(),
            new EchoIdentity.Flakiness());
    for (var text : new String[] {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "a line\n"}) {
      var channel = new EmbeddedChannel(new EchoProtocols(who, false));
      channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
      channel.finishAndReleaseAll();
    }
  }
}
