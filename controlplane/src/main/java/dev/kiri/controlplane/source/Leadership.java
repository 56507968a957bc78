package dev.kiri.controlplane.source;

/// Which of several control planes writes. Thread-safe.
public interface Leadership extends AutoCloseable {
  /// Whether this one does at the moment.
  boolean leads();

  /// Begins to compete, and does something each time this one has begun to lead. Called once.
  void onLead(Runnable what);

  @Override
  void close();

  /// Of a control plane that is alone.
  static Leadership alone() {
    return new Leadership() {
      @Override
      public boolean leads() {
        return true;
      }

      @Override
      public void onLead(Runnable what) {
        what.run();
      }

      @Override
      public void close() {}
    };
  }
}
