package dev.kiri.hbone.transport;

import io.netty.channel.ConnectTimeoutException;
import java.net.NoRouteToHostException;
import java.util.Comparator;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The operating system's own words for a failed system call, as upstream prints them:
/// `Connection refused (os error 111)`.
public final class OsErrors {
  // "finishConnect(..) failed with error(-111): Connection refused: /192.0.2.1:80"
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

  private OsErrors() {}

  /// Upstream's text for a failure; the failure's own message when it is none of the system's.
  /// Never empty.
  public static String text(@Nullable Throwable failure) {
    if (failure == null) {
      return "unknown error";
    }
    if (failure instanceof ConnectTimeoutException) {
      return "deadline has elapsed";
    }
    if (failure instanceof NoRouteToHostException) {
      // Netty throws it without the number, for an unreachable network too
      return numbered(113);
    }
    var message = failure.getMessage();
    if (message == null || message.isEmpty()) {
      return failure.getClass().getSimpleName();
    }
    var found = NUMBER.matcher(message);
    return found.find() ? numbered(Integer.parseInt(found.group(1))) : known(message);
  }

  private static String known(String message) {
    if (message.startsWith("Connection reset")) {
      return numbered(104); // the JDK's own channels leave out by whom
    }
    return TEXTS.entrySet().stream()
        .filter(text -> message.startsWith(text.getValue()))
        .max(Comparator.comparingInt(text -> text.getValue().length()))
        .map(text -> numbered(text.getKey()))
        .orElse(message);
  }

  private static String numbered(int error) {
    return TEXTS.getOrDefault(error, "Unknown error " + error) + " (os error " + error + ")";
  }
}
