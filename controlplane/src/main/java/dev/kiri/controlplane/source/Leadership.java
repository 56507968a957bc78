package dev.kiri.controlplane.source;

/// Which of several control planes writes. Thread-safe.
public interface Leadership extends AutoCloseable {
  /// Whether this one does at the moment.
  boolean leads();

  /// Begins to compete, and does something each time this one has begun to lead. Called once.
  void onLead(Runnable what);

  @Override
  void close();

  /// Of a control plane that is alone: it leads as soon as it competes. What is to be written
  /// before that is left to what it does then, which looks at everything anyway.
  static Leadership alone() {
    return new Leadership() {
      private volatile boolean leads;

      @Override
      public boolean leads() {
        return leads;
      }

      @Override
      public void onLead(Runnable what) {
        leads = true;
        what.run();
      }

      @Override
      public void close() {}
    };
  }
}
