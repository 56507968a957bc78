package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.LoopMemory;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Small frames that wait to be sealed together. Confined to one loop.
///
/// What is staged keeps its order. While the socket takes nothing, frames that belong to no place
/// in it (answers to PING, credit) are gathered apart, and go ahead of it, between two frames.
final class Staging {
  private final RecordLayer records;
  private final LoopMemory memory = LoopMemory.current();
  private @Nullable ByteBuf staged;
  private boolean beginsInside; // a frame whose beginning is sealed already
  private @Nullable ByteBuf ahead;
  private boolean closed;

  Staging(RecordLayer records) {
    this.records = records;
  }

  /// Bytes staged.
  int bytes() {
    return staged == null ? 0 : staged.readableBytes();
  }

  /// Where a frame of so many bytes, or its beginning, is to be written; they are one record at
  /// most.
  ByteBuf space(int bytes) {
    var out = staged;
    if (out != null && out.writableBytes() < bytes) {
      seal();
      out = staged;
    }
    if (out == null) {
      out = memory.takeStaging();
      staged = out;
    }
    return out;
  }

  /// The same for a frame that may go ahead.
  ByteBuf spaceAhead(int bytes) {
    if (ahead == null && records.room() > 0) {
      return space(bytes);
    }
    var out = ahead;
    if (out != null && out.writableBytes() < bytes) {
      sealAll();
      out = null;
    }
    if (out == null) {
      out = memory.takeStaging();
      ahead = out;
    }
    return out;
  }

  /// The rest of a frame whose header has been written.
  void copy(ByteBuf data, int bytes) {
    int left = bytes;
    while (left > 0) {
      boolean another = staged == null || !staged.isWritable();
      var out = space(1);
      beginsInside |= another;
      int part = Math.min(left, out.writableBytes());
      out.writeBytes(data, part);
      left -= part;
    }
  }

  /// Seals what is staged: something is to follow that is not.
  void seal() {
    var out = staged;
    if (out != null) {
      staged = null;
      beginsInside = false;
      seal(out);
    }
  }

  /// Seals everything if there is something to go ahead, and room.
  void sealAhead() {
    if (ahead != null && records.room() > 0) {
      sealAll();
    }
  }

  /// Seals everything if there is room.
  void sealIfTaken() {
    if ((staged != null || ahead != null) && records.room() > 0) {
      sealAll();
    }
  }

  /// Seals everything, between two frames.
  void sealAll() {
    if (beginsInside) {
      seal();
    }
    var out = ahead;
    if (out != null) {
      ahead = null;
      seal(out);
    }
    seal();
  }

  private void seal(ByteBuf out) {
    if (!closed) {
      records.seal(out);
    }
    memory.giveStaging(out);
  }

  /// Drops everything, as all that is staged from now on.
  void release() {
    closed = true;
    sealAll(); // into nothing
  }
}
