package dev.kiri.controlplane.source;

/// A source of objects. [#start] reports all objects before it returns, then changes until
/// [#close].
public interface ObjectSource extends AutoCloseable {
  /// Starts; called once.
  void start(SourceListener listener);

  @Override
  void close();
}
