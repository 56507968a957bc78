package dev.kiri.local.manifest;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/// Tells addresses from other texts, without asking any name server. Pure.
final class Addresses {
  private static final Pattern FOUR =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final Pattern SIX = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private Addresses() {}

  static boolean isAddress(String text) {
    var four = FOUR.matcher(text);
    if (four.matches()) {
      for (int i = 1; i <= 4; i++) {
        if (Integer.parseInt(four.group(i)) > 255) {
          return false;
        }
      }
      return true;
    }
    if (!SIX.matcher(text).matches()) {
      return false;
    }
    try {
      return InetAddress.getByName(text) != null; // a literal: nothing is looked up
    } catch (UnknownHostException e) {
      return false;
    }
  }

  static boolean isRange(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return isAddress(text);
    }
    try {
      int bits = Integer.parseInt(text.substring(slash + 1));
      return isAddress(text.substring(0, slash))
          && bits >= 0
          && bits <= (text.contains(":") ? 128 : 32);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
