package dev.kiri.controlplane.ca;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Where the root's key and certificate are kept. Thread-safe; blocks.
public interface RootStore {
  /// A key and its certificate as PEM.
  record Kept(String keyPem, String certificatePem) {
    /// Names no part of the key.
    @Override
    public String toString() {
      return "Kept[" + certificatePem + "]";
    }
  }

  /// What is kept; null where nothing is. What cannot be read is an error, never nothing, because a
  /// new root cuts off all proxies.
  @Nullable Kept read() throws IOException;

  /// Keeps a first root. Returns what is kept then: where another control plane was faster, theirs.
  Kept create(Kept fresh) throws IOException;

  /// Puts a certificate in the place of another one for the same key. Returns what is kept then.
  Kept replace(Kept old, Kept renewed) throws IOException;
}
