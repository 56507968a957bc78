package dev.kiri.mesh.xds;

/// Hears what happens on the discovery stream, for metrics and logs. Called on the client's
/// thread.
public interface XdsObserver {
  XdsObserver NONE = new XdsObserver() {};

  /// Why a connection ended; the text is the label upstream uses.
  enum Termination {
    CONNECTION_ERROR("ConnectionError"),
    ERROR("Error"),
    RECONNECT("Reconnect"),
    COMPLETE("Complete");

    private final String label;

    Termination(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /// A stream was opened; the number counts connections from 1.
  default void connected(long connection) {}

  /// A response arrived.
  ///
  /// @param bytes payload bytes of its resources
  default void received(String typeUrl, int resources, long bytes) {}

  /// A resource was refused.
  default void rejected(String typeUrl, Rejection rejection) {}

  /// A response was answered.
  default void answered(String typeUrl, boolean accepted) {}

  /// A connection ended, or could not be made.
  default void terminated(Termination reason, String text) {}
}
