package dev.kiri.local.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Turns the bytes of a DNS query into the bytes of its answer (RFC 1035). Pure; never throws on
/// bad input: what is no query gets no answer, what cannot be understood gets FORMERR or NOTIMP.
public final class DnsAnswers {
  private static final int HEADER = 12;
  private static final int LONGEST_NAME = 255;
  private static final int UDP_LIMIT = 512;
  private static final int TTL_SECONDS = 5; // CoreDNS' for cluster names
  private static final int MAX_ALIASES = 8;

  private static final int A = 1;
  private static final int CNAME = 5;
  private static final int PTR = 12;
  private static final int AAAA = 28;
  private static final int SRV = 33;
  private static final int OPT = 41;
  private static final int ANY = 255;

  private static final int FORMERR = 1;
  private static final int NXDOMAIN = 3;
  private static final int NOTIMP = 4;

  private DnsAnswers() {}

  private record Question(String name, int type, int end) {}

  private record Found(boolean exists, List<byte[]> records) {}

  /// @param stream true over TCP, where answers are not cut
  public static Optional<byte[]> answer(byte[] query, DnsZone zone, boolean stream) {
    if (query.length < HEADER || (query[2] & 0x80) != 0) {
      return Optional.empty();
    }
    if ((query[2] >> 3 & 0xf) != 0) {
      return Optional.of(header(query, HEADER, NOTIMP, 0, false));
    }
    var question = question(query);
    if (question.isEmpty()) {
      return Optional.of(header(query, HEADER, FORMERR, 0, false));
    }
    var asked = question.get();
    var found = find(asked, zone);
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        header(query, asked.end(), found.exists() ? 0 : NXDOMAIN, found.records().size(), false));
    found.records().forEach(out::writeBytes);
    int limit = stream ? 65_535 : Math.max(UDP_LIMIT, udpSize(query, asked.end()));
    if (out.size() > limit) {
      return Optional.of(header(query, asked.end(), 0, 0, true));
    }
    return Optional.of(out.toByteArray());
  }

  /// Header and question of an answer.
  private static byte[] header(byte[] query, int end, int code, int answers, boolean cut) {
    var out = java.util.Arrays.copyOf(query, end);
    out[2] = (byte) (0x80 | query[2] & 0x79 | 0x04 | (cut ? 0x02 : 0)); // answer, authoritative
    out[3] = (byte) (0x80 | code); // recursion available: clients ask for it
    boolean withQuestion = end > HEADER;
    set(out, 4, withQuestion ? 1 : 0);
    set(out, 6, answers);
    set(out, 8, 0);
    set(out, 10, 0);
    return out;
  }

  private static void set(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  private static int get(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  private static Optional<Question> question(byte[] query) {
    if (get(query, 4) != 1) {
      return Optional.empty();
    }
    var labels = new ArrayList<String>();
    int at = HEADER;
    while (at < query.length && query[at] != 0) {
      int length = query[at] & 0xff;
      boolean pointerOrBeyond =
          length > 63 || at + 1 + length >= query.length || at - HEADER + length > LONGEST_NAME;
      if (pointerOrBeyond) {
        return Optional.empty();
      }
      labels.add(new String(query, at + 1, length, StandardCharsets.ISO_8859_1));
      at += 1 + length;
    }
    if (at + 5 > query.length) {
      return Optional.empty();
    }
    var name = String.join(".", labels).toLowerCase(Locale.ROOT);
    return Optional.of(new Question(name, get(query, at + 1), at + 5));
  }

  /// The answer size an EDNS client accepts (RFC 6891); the record must come first.
  private static int udpSize(byte[] query, int at) {
    boolean hasOpt =
        get(query, 10) > 0 && at + 5 <= query.length && query[at] == 0 && get(query, at + 1) == OPT;
    return hasOpt ? get(query, at + 3) : 0;
  }

  private static Found find(Question asked, DnsZone zone) {
    if (asked.type() == PTR) {
      var name = reversed(asked.name()).map(zone.pointers()::get);
      return name.map(n -> new Found(true, List.of(record(asked.name(), PTR, name(n)))))
          .orElse(new Found(false, List.of()));
    }
    if (zone.services().containsKey(asked.name())) {
      var records = new ArrayList<byte[]>();
      if (asked.type() == SRV || asked.type() == ANY) {
        for (var service : zone.services().get(asked.name())) {
          var data = new ByteArrayOutputStream();
          data.writeBytes(
              new byte[] {0, 0, 0, 100, (byte) (service.port() >> 8), (byte) service.port()});
          data.writeBytes(name(service.target()));
          records.add(record(asked.name(), SRV, data.toByteArray()));
        }
      }
      return new Found(true, records);
    }
    return addresses(asked, zone);
  }

  private static Found addresses(Question asked, DnsZone zone) {
    var records = new ArrayList<byte[]>();
    var name = asked.name();
    for (int i = 0; i < MAX_ALIASES && zone.aliases().containsKey(name); i++) {
      var target = zone.aliases().get(name);
      records.add(record(name, CNAME, name(target)));
      name = target;
    }
    var found = zone.lookup(name);
    if (found.isEmpty()) {
      return new Found(!records.isEmpty(), records);
    }
    for (var address : found.get()) {
      boolean six = address.contains(":");
      boolean wanted = asked.type() == ANY || asked.type() == (six ? AAAA : A);
      if (wanted) {
        records.add(record(name, six ? AAAA : A, bytes(address)));
      }
    }
    return new Found(true, records);
  }

  private static byte[] record(String name, int type, byte[] data) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(name(name));
    out.writeBytes(
        new byte[] {
          (byte) (type >> 8),
          (byte) type,
          0,
          1,
          0,
          0,
          0,
          TTL_SECONDS,
          (byte) (data.length >> 8),
          (byte) data.length
        });
    out.writeBytes(data);
    return out.toByteArray();
  }

  private static byte[] name(String name) {
    var out = new ByteArrayOutputStream();
    for (var label : name.split("\\.")) {
      if (!label.isEmpty()) {
        out.write(Math.min(63, label.length()));
        out.writeBytes(
            label.substring(0, Math.min(63, label.length())).getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    out.write(0);
    return out.toByteArray();
  }

  private static byte[] bytes(String address) {
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(address + " in the zone is no address", e);
    }
  }

  private static Optional<String> reversed(String name) {
    if (name.endsWith(".in-addr.arpa")) {
      var labels =
          List.of(name.substring(0, name.length() - ".in-addr.arpa".length()).split("\\."));
      return Optional.of(String.join(".", labels.reversed()));
    }
    return Optional.empty();
  }
}
