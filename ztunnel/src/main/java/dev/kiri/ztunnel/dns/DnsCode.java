package dev.kiri.ztunnel.dns;

/// Response codes (RFC 1035 4.1.1, RFC 6891 9).
final class DnsCode {
  static final int NO_ERROR = 0;
  static final int FORMAT_ERROR = 1;
  static final int SERVER_FAILURE = 2;
  static final int NO_SUCH_NAME = 3;
  static final int NOT_IMPLEMENTED = 4;
  static final int REFUSED = 5;
  static final int BAD_VERSION = 16;

  private static final String[] NAMES = {
    "NoError", "FormErr", "ServFail", "NXDomain", "NotImp", "Refused"
  };

  private DnsCode() {}

  static String name(int code) {
    return code < NAMES.length ? NAMES[code] : "code " + code;
  }
}
