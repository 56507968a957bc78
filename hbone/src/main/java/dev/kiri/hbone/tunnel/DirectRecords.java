package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.LoopMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import org.jspecify.annotations.Nullable;

/// Records by BoringSSL, driven directly between two pieces of memory: many records in one call, no
/// allocation, no copy.
///
/// After the handshake the engine's session gets a byte-buffer BIO of our own, and `SslHandler`
/// leaves the pipeline. The engine object is kept only so that its session lives until [#release].
/// The BIO serves both directions: it is set before and cleared after every use, and no handler
/// runs in between.
final class DirectRecords implements RecordLayer {
  private static final int RECORD = 16_384;
  private static final int IMPLICIT_OUTPUT = 4_096; // KeyUpdate answers, alerts

  private final ChannelHandlerContext context;
  private final Owner owner;
  private final LoopMemory memory;
  private final ReferenceCountedOpenSslEngine engine;
  private final long ssl;
  private final long bio;
  private final SealedOutput output;
  private boolean ended;
  private boolean released;

  /// Takes over the session; the engine is retained here and must not be used by anybody else.
  DirectRecords(ChannelHandlerContext context, Owner owner, ReferenceCountedOpenSslEngine engine) {
    this.context = context;
    this.owner = owner;
    this.memory = LoopMemory.current();
    this.engine = engine;
    this.output = new SealedOutput(context, owner);
    engine.retain();
    ssl = engine.sslPointer();
    bio = SSL.bioNewByteBuffer(ssl, IMPLICIT_OUTPUT);
  }

  @Override
  public int room() {
    return output.room();
  }

  @Override
  public void seal(ByteBuf plaintext) {
    if (ended) {
      plaintext.skipBytes(plaintext.readableBytes());
      return;
    }
    long address = address(plaintext);
    int left = plaintext.readableBytes();
    while (left > 0) {
      var out = output.target();
      int bytes = Math.min(left, out.writableBytes() / SealedOutput.SEALED_RECORD * RECORD);
      int done = seal(address, bytes, out);
      if (done != bytes) {
        plaintext.skipBytes(plaintext.readableBytes());
        failed("sealing");
        return;
      }
      address += bytes;
      left -= bytes;
      plaintext.skipBytes(bytes);
    }
  }

  private int seal(long address, int bytes, ByteBuf out) {
    int writable = out.writableBytes();
    SSL.bioSetByteBuffer(bio, address(out) + out.readableBytes(), writable, true);
    try {
      int done = SSL.writeToSSL(ssl, address, bytes);
      out.writerIndex(out.writerIndex() + writable - SSL.bioLengthByteBuffer(bio));
      return done;
    } finally {
      SSL.bioClearByteBuffer(bio);
    }
  }

  @Override
  public void flush() {
    output.flush();
  }

  @Override
  public void received(ByteBuf in) {
    var plain = memory.plaintext();
    try {
      String ending = null;
      try {
        ending = released ? "released" : open(in, plain);
      } finally {
        in.release();
      }
      if (plain.isReadable()) {
        owner.plaintext(plain);
      }
      if (ending != null) {
        owner.recordsEnded(ending);
      }
    } finally {
      plain.release();
    }
  }

  /// Opens everything; answers null, or why the records have ended.
  private @Nullable String open(ByteBuf in, ByteBuf plain) {
    int length = in.readableBytes();
    SSL.bioSetByteBuffer(bio, address(in), length, false);
    String ending = null;
    try {
      long base = address(plain);
      while (plain.writableBytes() > 0) {
        int bytes = SSL.readFromSSL(ssl, base + plain.readableBytes(), plain.writableBytes());
        if (bytes <= 0) {
          ending = whyNothing(bytes);
          break;
        }
        plain.writerIndex(plain.writerIndex() + bytes);
      }
    } finally {
      in.skipBytes(length);
      SSL.bioClearByteBuffer(bio);
    }
    sendImplicitOutput();
    return ending;
  }

  private @Nullable String whyNothing(int result) {
    int error = SSL.getError(ssl, result);
    if (error == SSL.SSL_ERROR_WANT_READ) {
      return null;
    }
    if (error == SSL.SSL_ERROR_ZERO_RETURN) {
      return "the peer closed TLS";
    }
    var text = lastError();
    return text.isEmpty() ? "TLS error " + error : "TLS error: " + text;
  }

  private static String lastError() {
    var last = SSL.getLastError();
    SSL.clearError();
    return last == null ? "" : last;
  }

  /// What BoringSSL wants to say by itself: answers to KeyUpdate, alerts.
  private void sendImplicitOutput() {
    if (SSL.bioLengthNonApplication(bio) <= 0) {
      return;
    }
    var out = output.target();
    int writable = out.writableBytes();
    SSL.bioSetByteBuffer(bio, address(out) + out.readableBytes(), writable, true);
    try {
      int moved = SSL.bioFlushByteBuffer(bio);
      if (moved > 0) {
        out.writerIndex(out.writerIndex() + moved);
      }
    } finally {
      SSL.bioClearByteBuffer(bio);
    }
    flush();
  }

  @Override
  public ChannelFuture end() {
    if (!ended && !released) {
      ended = true;
      SSL.shutdownSSL(ssl); // close_notify goes into the BIO's own memory
      SSL.clearError();
      sendImplicitOutput();
      flush();
    }
    return context.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  private void failed(String doing) {
    owner.recordsEnded(doing + " failed: " + lastError());
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    ended = true;
    output.release();
    engine.release(); // frees the session and its BIO
  }

  // of the first readable byte; writers add what is readable to reach the first writable one
  private static long address(ByteBuf buffer) {
    return buffer.hasMemoryAddress()
        ? buffer.memoryAddress() + buffer.readerIndex()
        : Buffer.address(buffer.nioBuffer(buffer.readerIndex(), 1));
  }
}
