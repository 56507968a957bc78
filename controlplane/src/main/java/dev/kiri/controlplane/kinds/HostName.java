package dev.kiri.controlplane.kinds;

import java.util.regex.Pattern;

/// DNS names as the mesh's objects write them (RFC 1123, with `_` as some names have it).
/// Stateless.
final class HostName {
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?");

  private HostName() {}

  /// Whether a text is a DNS name of at most 253 characters.
  static boolean isSound(String text) {
    if (text.isEmpty() || text.length() > 253) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      if (label.length() > 63 || !LABEL.matcher(label).matches()) {
        return false;
      }
    }
    return true;
  }

  /// Whether a text is a DNS name or `*.` and a DNS name.
  static boolean isSoundOrWildcard(String text) {
    return isSound(text.startsWith("*.") ? text.substring(2) : text);
  }
}
