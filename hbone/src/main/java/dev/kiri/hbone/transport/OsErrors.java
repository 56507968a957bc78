package dev.kiri.hbone.transport;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Errors of sockets in the words of upstream's logs: `Connection refused (os error 111)`.
public final class OsErrors {
  // "finishConnect(..) failed with error(-111): Connection refused: /192.0.2.1:80"
  private static final Pattern NETTY = Pattern.compile("error\\(-(\\d+)\\): ([^:]+)");

  /// The text of an error of a socket; never empty.
  public static String text(@Nullable Throwable error) {
    if (error == null) {
      return "unknown error";
    }
    var message = error.getMessage();
    if (message == null) {
      return error.getClass().getSimpleName();
    }
    var found = NETTY.matcher(message);
    if (found.find()) {
      return found.group(2) + " (os error " + found.group(1) + ")";
    }
    if (message.startsWith("Connection refused")) {
      return "Connection refused (os error 111)";
    }
    if (message.startsWith("Connection reset")) {
      return "Connection reset by peer (os error 104)";
    }
    return message;
  }

  private OsErrors() {}
}
