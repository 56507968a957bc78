package dev.kiri.mesh.xds;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Keeps a delta discovery stream to the control plane and applies what arrives. Thread-safe.
@SuppressWarnings("DoNotCallSuggester")
public final class XdsClient implements AutoCloseable {

  public XdsClient(
      XdsSettings settings, List<TypeSubscription<?>> subscriptions, XdsObserver observer) {}

  /// Starts to connect; returns at once.
  public void start() {
    throw new UnsupportedOperationException();
  }

  /// Completes when every type has had a response that was accepted whole.
  public CompletableFuture<Void> synced() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
