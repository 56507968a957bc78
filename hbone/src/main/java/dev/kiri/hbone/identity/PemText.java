package dev.kiri.hbone.identity;

import java.util.Base64;

/// Writes PEM (RFC 7468). Stateless.
public final class PemText {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private PemText() {}

  /// One block, with a line feed at its end.
  ///
  /// @param label what it is, `CERTIFICATE` for one
  public static String block(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + LINES.encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
