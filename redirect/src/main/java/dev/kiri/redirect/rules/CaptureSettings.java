package dev.kiri.redirect.rules;

import java.net.Inet4Address;
import java.net.Inet6Address;

/// What is the same in all pods of a node.
///
/// @param ipv6 whether IPv6 is captured
/// @param conntrackZones whether this kernel can track ztunnel's lookups in a zone of their own
/// @param probe4 where probes from the node seem to come from, IPv4
/// @param probe6 the same for IPv6
public record CaptureSettings(
    boolean ipv6, boolean conntrackZones, Inet4Address probe4, Inet6Address probe6) {
  /// The same, for a kernel without conntrack zones.
  public CaptureSettings withoutConntrackZones() {
    return new CaptureSettings(ipv6, false, probe4, probe6);
  }
}
