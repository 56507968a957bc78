package dev.kiri.local.manifest;

import java.util.regex.Pattern;

/// The forms in which a policy may name an identity. Pure.
final class Principals {
  static final String ACCEPTED =
      "TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT (no spiffe://), the same with one * at its start or"
          + " end, or *";

  private static final Pattern WHOLE = Pattern.compile("[^/*\\s]+/ns/[^/*\\s]+/sa/[^/*\\s]+");

  private Principals() {}

  static boolean isAccepted(String principal) {
    if (principal.equals("*")) {
      return true;
    }
    if (principal.contains("://") || principal.isBlank() || principal.contains(" ")) {
      return false;
    }
    int stars = principal.length() - principal.replace("*", "").length();
    if (stars == 0) {
      return WHOLE.matcher(principal).matches();
    }
    return stars == 1 && (principal.startsWith("*") || principal.endsWith("*"));
  }
}
