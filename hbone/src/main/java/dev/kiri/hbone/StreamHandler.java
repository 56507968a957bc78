package dev.kiri.hbone;

import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;

/// What the owner of a stream hears. Called on the stream's event loop, never concurrently.
///
/// Order: `asked` and `opened` (client side only, `opened` at most once), then any number of
/// `data`, at most one `end`,
/// any number of `writable`, and exactly once, last, `closed`. A stream that could not be opened
/// hears only `closed`.
public interface StreamHandler {

  /// The CONNECT request is on its way; once more if the peer provably did not process it and it
  /// goes to another tunnel. Where the peer takes bytes before it has answered,
  /// [HboneStream#write] takes some, during this call only. They are lost unless `opened` follows
  /// with a status of 2xx; if `closed` comes with anything but [HboneFailure.Refused], nobody knows
  /// whether they have arrived.
  default void asked(HboneStream stream) {}

  /// The peer answered the CONNECT request. With a status other than 200 the stream cannot be used
  /// and `closed` with [HboneFailure.Refused] follows at once.
  void opened(HboneStream stream, ConnectResponse response);

  /// Bytes of the peer. The buffer is borrowed until the call returns; retain a slice to keep it
  /// longer. Give the credit back by [HboneStream#acknowledge] once the bytes have gone on.
  void data(ByteBuf borrowed);

  /// All `data` of what arrived together has been delivered: the moment to flush once.
  default void dataComplete() {}

  /// The peer ended its direction. The other direction goes on.
  void end();

  /// More can be written after a [HboneStream#write] that answered false.
  void writable();

  /// The stream is over. Nothing follows.
  void closed(StreamClosed why);
}
