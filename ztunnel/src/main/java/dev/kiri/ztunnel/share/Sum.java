package dev.kiri.ztunnel.share;

import java.util.concurrent.atomic.AtomicLong;

/// A sum that one thread adds to and others read: no more than a plain addition.
final class Sum {
  private final AtomicLong value = new AtomicLong();

  void add(long more) {
    value.setOpaque(value.getPlain() + more);
  }

  long get() {
    return value.getOpaque();
  }
}
