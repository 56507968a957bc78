package dev.kiri.ztunnel.pod;

import io.netty.channel.ConnectTimeoutException;
import java.net.NoRouteToHostException;
import java.util.Map;
import java.util.regex.Pattern;

/// The operating system's own words for a failed system call, as upstream prints them:
/// `Connection refused (os error 111)`.
final class OsError {
  private static final Pattern NUMBER = Pattern.compile("error\\(-(\\d{1,4})\\)");

  /// Texts of errno values that sockets give (errno(3), Linux).
  private static final Map<Integer, String> TEXTS =
      Map.ofEntries(
          Map.entry(1, "Operation not permitted"),
          Map.entry(13, "Permission denied"),
          Map.entry(22, "Invalid argument"),
          Map.entry(23, "Too many open files in system"),
          Map.entry(24, "Too many open files"),
          Map.entry(32, "Broken pipe"),
          Map.entry(97, "Address family not supported by protocol"),
          Map.entry(98, "Address already in use"),
          Map.entry(99, "Cannot assign requested address"),
          Map.entry(100, "Network is down"),
          Map.entry(101, "Network is unreachable"),
          Map.entry(103, "Software caused connection abort"),
          Map.entry(104, "Connection reset by peer"),
          Map.entry(110, "Connection timed out"),
          Map.entry(111, "Connection refused"),
          Map.entry(112, "Host is down"),
          Map.entry(113, "No route to host"));

  private OsError() {}

  /// Upstream's text for a failure; the failure's own message when it is none of the system's.
  static String text(Throwable failure) {
    if (failure instanceof ConnectTimeoutException) {
      return "deadline has elapsed";
    }
    if (failure instanceof NoRouteToHostException) {
      // Netty throws it without the number, for an unreachable network too
      return "No route to host (os error 113)";
    }
    var message = String.valueOf(failure.getMessage());
    var found = NUMBER.matcher(message);
    if (found.find()) {
      int number = Integer.parseInt(found.group(1));
      var text = TEXTS.getOrDefault(number, "Unknown error " + number);
      return text + " (os error " + number + ")";
    }
    for (var known : TEXTS.entrySet()) {
      if (message.startsWith(known.getValue())) {
        return known.getValue() + " (os error " + known.getKey() + ")";
      }
    }
    return message;
  }
}
