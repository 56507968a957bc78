package dev.kiri.hbone.connect;

import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;

/// Header values that the tunnels of one loop have read or written lately, as values and as texts.
/// Confined to its thread; bounded: 256 of each kind, of 512 characters
/// at most, about half a megabyte a loop at the very most.
///
/// A mesh repeats itself: a workload describes itself to every peer, and is asked for by every
/// client, in the same words.
public final class KnownTexts {
  private static final int PLACES = 256;
  private static final int LONGEST = 512;

  private static final FastThreadLocal<KnownTexts> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected KnownTexts initialValue() {
          return new KnownTexts();
        }
      };

  private final Recent<AsciiString, Authority> authorities = new Recent<>(PLACES, Authority::parse);
  private final Recent<AsciiString, Baggage> baggages =
      new Recent<>(PLACES, line -> Baggage.parse(List.of(line.toString())));
  private final Recent<Authority, AsciiString> authorityTexts =
      new Recent<>(PLACES, authority -> visible(authority.toString()));
  private final Recent<Baggage, AsciiString> baggageTexts =
      new Recent<>(PLACES, baggage -> visible(baggage.format()));

  /// Those of the calling event loop.
  public static KnownTexts current() {
    return OF_THREAD.get();
  }

  private KnownTexts() {}

  /// Like [Authority#parse].
  public Authority authority(CharSequence text) {
    return text instanceof AsciiString ascii && ascii.length() <= LONGEST
        ? authorities.get(ascii)
        : Authority.parse(text);
  }

  /// Like [Baggage#parse] of one line.
  public Baggage baggage(CharSequence line) {
    return line instanceof AsciiString ascii && ascii.length() <= LONGEST
        ? baggages.get(ascii)
        : Baggage.parse(List.of(line.toString()));
  }

  /// The header value of an authority.
  public AsciiString text(Authority authority) {
    return authorityTexts.get(authority);
  }

  /// The header value of a baggage.
  public AsciiString text(Baggage baggage) {
    return baggageTexts.get(baggage);
  }

  private static AsciiString visible(String text) {
    var bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = visible(text.charAt(i));
    }
    return new AsciiString(bytes, false);
  }

  /// A header value is visible ASCII (RFC 9110 5.5); anything else becomes a question mark.
  public static byte visible(char c) {
    return (byte) (c <= 0x7e && c >= 0x20 ? c : '?');
  }
}
