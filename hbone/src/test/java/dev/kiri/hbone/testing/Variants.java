package dev.kiri.hbone.testing;

import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import dev.kiri.hbone.tunnel.TunnelSettings.Records;
import java.util.stream.Stream;

/// The transports and TLS engines that the same tests run over.
public final class Variants {

  /// Every engine with every transport; [Transports#require] skips what this machine does not have.
  public static Stream<Options> all() {
    var defaults = Options.defaults();
    return Stream.of(
        defaults.with(Engine.BORINGSSL, Records.DIRECT),
        defaults.with(Engine.JDK, Records.ENGINE),
        defaults.with(Kind.IO_URING),
        defaults.with(Kind.IO_URING).with(Engine.JDK, Records.ENGINE));
  }

  private Variants() {}
}
