package dev.kiri.local.mesh;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What was seen of a stretch of traffic: packets, how many carried TLS to or from the tunnel port,
/// and whether some bytes showed up in clear. Confined to one thread.
final class CapturedTraffic {
  private static final int TUNNEL_PORT = 15008;
  private static final int ETHERNET = 14;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int IPV6_HEADER = 40;
  private static final int TCP = 6;

  private final byte[] needle;
  private int packets;
  private int tunnelPackets;
  private int tlsRecords;
  private int inClear;

  CapturedTraffic(String needle) {
    this.needle = needle.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Takes one Ethernet frame.
  void add(byte[] frame) {
    packets++;
    if (needle.length > 0 && contains(frame)) {
      inClear++;
    }
    int tcp = tcpStart(frame);
    if (tcp < 0 || tcp + 20 > frame.length) {
      return;
    }
    if (word(frame, tcp) != TUNNEL_PORT && word(frame, tcp + 2) != TUNNEL_PORT) {
      return;
    }
    tunnelPackets++;
    int data = tcp + (frame[tcp + 12] >> 4 & 0xf) * 4;
    boolean startsRecord =
        data + 3 <= frame.length
            && frame[data] >= 0x14
            && frame[data] <= 0x17
            && frame[data + 1] == 3;
    if (startsRecord) {
      tlsRecords++;
    }
  }

  private static int tcpStart(byte[] frame) {
    if (frame.length < ETHERNET + 20) {
      return -1;
    }
    return switch (word(frame, 12)) {
      case IPV4 -> frame[ETHERNET + 9] == TCP ? ETHERNET + (frame[ETHERNET] & 0xf) * 4 : -1;
      case IPV6 -> frame[ETHERNET + 6] == TCP ? ETHERNET + IPV6_HEADER : -1;
      default -> -1;
    };
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  private boolean contains(byte[] frame) {
    for (int i = 0; i + needle.length <= frame.length; i++) {
      int j = 0;
      while (j < needle.length && frame[i + j] == needle[j]) {
        j++;
      }
      if (j == needle.length) {
        return true;
      }
    }
    return false;
  }

  Map<String, Object> summary() {
    return Map.of(
        "packets",
        packets,
        "tunnelPackets",
        tunnelPackets,
        "tlsRecords",
        tlsRecords,
        "inClear",
        inClear);
  }
}
