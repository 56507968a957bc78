package dev.kiri.ztunnel.dns;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One question of a client. Immutable.
///
/// `flags` are the second word of the header, `edns` is absent where the client knows no more than
/// RFC 1035.
record DnsQuery(int id, int flags, DnsName name, int type, int dnsClass, @Nullable Edns edns) {
  static final int A = 1;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int AAAA = 28;
  static final int OPT = 41;
  static final int INTERNET = 1;
  static final int RECURSION_DESIRED = 0x0100;

  /// Largest answer over UDP without EDNS (RFC 1035 4.2.1).
  static final int PLAIN_UDP = 512;

  static final int MAX_MESSAGE = 65_535;

  /// Types with a name in metrics and logs; others have a number, which a client chooses, and are
  /// one.
  private static final Map<Integer, String> TYPES =
      Map.ofEntries(
          Map.entry(A, "A"),
          Map.entry(2, "NS"),
          Map.entry(CNAME, "CNAME"),
          Map.entry(SOA, "SOA"),
          Map.entry(12, "PTR"),
          Map.entry(13, "HINFO"),
          Map.entry(15, "MX"),
          Map.entry(16, "TXT"),
          Map.entry(AAAA, "AAAA"),
          Map.entry(33, "SRV"),
          Map.entry(35, "NAPTR"),
          Map.entry(43, "DS"),
          Map.entry(48, "DNSKEY"),
          Map.entry(64, "SVCB"),
          Map.entry(65, "HTTPS"),
          Map.entry(255, "ANY"),
          Map.entry(257, "CAA"));

  /// What a client can beyond RFC 1035 (RFC 6891): the largest answer it takes over UDP, and
  /// whether it wants DNSSEC records.
  record Edns(int payload, boolean dnssec) {}

  /// Whether it asks for addresses.
  boolean wantsAddress() {
    return dnsClass == INTERNET && (type == A || type == AAAA);
  }

  /// The largest answer the client takes over UDP.
  int udpLimit() {
    return edns == null ? PLAIN_UDP : Math.max(PLAIN_UDP, edns.payload());
  }

  String typeName() {
    return TYPES.getOrDefault(type, "UNKNOWN");
  }
}
