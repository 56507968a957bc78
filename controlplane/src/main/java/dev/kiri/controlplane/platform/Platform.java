package dev.kiri.controlplane.platform;

import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.TokenCheck;
import dev.kiri.controlplane.source.Leadership;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.ObjectWriter;

/// What a control plane stands on: where objects come from and go to, whose token that is, where
/// the root is kept, who of several writes.
public interface Platform extends AutoCloseable {
  ObjectSource source();

  ObjectWriter writer();

  TokenCheck tokens();

  RootStore root();

  Leadership leadership();

  @Override
  void close();
}
