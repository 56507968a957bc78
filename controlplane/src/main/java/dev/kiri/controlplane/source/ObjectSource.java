package dev.kiri.controlplane.source;

/// A source of objects. [#start] reports all objects before it returns, then changes until
/// [#close].
public interface ObjectSource extends AutoCloseable {
  /// Starts; called once.
  void start(SourceListener listener);

  /// Returns when the listener was told of everything that was there before the call.
  void catchUp();

  @Override
  void close();
}
