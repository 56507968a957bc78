package dev.kiri.controlplane.caller;

import java.util.regex.Pattern;

/// Finds out whose token this is. Implementations are thread-safe and may block.
public interface TokenCheck {
  /// Longer tokens are not looked at.
  int MAX_LENGTH = 16 * 1024;

  /// The user name of a service account: namespace and account.
  Pattern SUBJECT =
      Pattern.compile("system:serviceaccount:([a-z0-9.-]{1,253}):([a-z0-9.-]{1,253})");

  /// Looks at a token.
  TokenVerdict verify(String token);
}
