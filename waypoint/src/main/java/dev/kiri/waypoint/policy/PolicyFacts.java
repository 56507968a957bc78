package dev.kiri.waypoint.policy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What policies may look at.
///
/// @param client the peer as its tunnel's certificate proves it; null without a certificate
/// @param source address of the client's pod
/// @param destination what the client addressed: service or pod address and port
/// @param head the request behind normalisation; null for a TCP connection
public record PolicyFacts(
    @Nullable ClientIdentity client,
    InetSocketAddress source,
    InetSocketAddress destination,
    @Nullable Head head) {

  /// The client that a trusted hop named last in `x-forwarded-for`, else the peer (no trusted hops,
  /// as upstream).
  @Nullable InetAddress remoteAddress() {
    Head request = head;
    String forwarded = request == null ? null : request.get(HeaderName.X_FORWARDED_FOR);
    if (forwarded == null) {
      return source.getAddress();
    }
    String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).trim();
    InetAddress named = NetUtil.createInetAddressFromIpAddressString(last);
    return named == null ? source.getAddress() : named;
  }
}
