package dev.kiri.mesh.grpc;

import io.grpc.Status;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A call ended otherwise than it should have.
public final class CallFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Status status;
  private final boolean established;

  CallFailed(Status status, boolean established) {
    super(text(status), status.getCause());
    this.status = status;
    this.established = established;
  }

  /// Whether the server had begun to answer.
  public boolean established() {
    return established;
  }

  /// Whether the server ended the call as agreed, without an error.
  public boolean complete() {
    return status.isOk();
  }

  /// Whether the connection went away as connections do: it was closed, or its time was up.
  public boolean routine() {
    String message = message();
    return switch (status.getCode()) {
      case UNKNOWN, CANCELLED, DEADLINE_EXCEEDED -> true;
      case UNAVAILABLE ->
          message.contains("transport is closing")
              || message.contains("received prior goaway")
              || message.contains("Connection closed after GOAWAY");
      default -> false;
    };
  }

  public String message() {
    return message(status);
  }

  /// gRPC adds lines about its pipeline to some descriptions; the first line is what happened.
  private static String message(Status status) {
    String text = status.getDescription();
    return text == null ? "" : text.lines().findFirst().orElse("");
  }

  /// The code in upstream's spelling, as in `DeadlineExceeded`.
  public String code() {
    return code(status);
  }

  private static String code(Status status) {
    return Arrays.stream(status.getCode().name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  private static String text(Status status) {
    var text = new StringBuilder("status: ").append(code(status)).append(", message: \"");
    text.append(message(status)).append('"');
    if (text.indexOf("authentication failure") >= 0) {
      text.append(" (hint: check the control plane logs for more information)");
    }
    var source = root(status.getCause());
    if (source != null) {
      text.append(", source: ").append(source.getMessage());
      if (source instanceof java.net.UnknownHostException) {
        text.append(" (hint: is the DNS server reachable?)");
      }
    }
    return text.toString();
  }

  private static @Nullable Throwable root(@Nullable Throwable cause) {
    var root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
