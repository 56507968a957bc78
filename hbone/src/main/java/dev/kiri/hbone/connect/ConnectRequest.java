package dev.kiri.hbone.connect;

import org.jspecify.annotations.Nullable;

/// A CONNECT request: target and what the source tells about itself. Immutable. An absent `baggage`
/// means that the header is not sent; [Baggage#EMPTY] is sent as an empty value, as upstream does.
public record ConnectRequest(
    Authority authority,
    @Nullable Baggage baggage,
    @Nullable Forwarded forwarded,
    @Nullable TraceParent traceParent,
    @Nullable String forwardedNetwork) {

  /// A request that names only its target.
  public static ConnectRequest to(Authority authority) {
    return new ConnectRequest(authority, null, null, null, null);
  }
}
