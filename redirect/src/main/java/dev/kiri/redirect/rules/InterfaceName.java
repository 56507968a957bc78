package dev.kiri.redirect.rules;

import java.util.regex.Pattern;

/// The name of a network interface. Nothing else gets into the text of a rule: a pod's annotation
/// must not be able to write rules of its own.
public record InterfaceName(String name) {
  // IFNAMSIZ is 16 with the terminating zero.
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_.:-]{1,15}");

  public InterfaceName {
    if (!isValid(name)) {
      throw new IllegalArgumentException("not an interface name: " + name);
    }
  }

  /// Whether a text is an interface name.
  public static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }
}
