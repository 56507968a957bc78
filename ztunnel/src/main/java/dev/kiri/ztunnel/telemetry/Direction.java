package dev.kiri.ztunnel.telemetry;

/// Whose side of a connection the proxy is on.
public enum Direction {
  INBOUND("inbound", "destination"),
  OUTBOUND("outbound", "source");

  private final String text;
  private final String reporter;

  Direction(String text, String reporter) {
    this.text = text;
    this.reporter = reporter;
  }

  /// As in the access log.
  public String text() {
    return text;
  }

  /// As in the metrics' first label.
  public String reporter() {
    return reporter;
  }
}
