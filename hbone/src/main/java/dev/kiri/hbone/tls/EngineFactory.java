package dev.kiri.hbone.tls;

import io.netty.buffer.ByteBufAllocator;
import javax.net.ssl.SSLEngine;

/// Makes the engines of one certificate. Thread-safe.
sealed interface EngineFactory permits BoringSslEngines, JdkEngines {

  SSLEngine server(ByteBufAllocator allocator);

  SSLEngine client(ByteBufAllocator allocator);
}
