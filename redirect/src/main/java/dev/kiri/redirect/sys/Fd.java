package dev.kiri.redirect.sys;

import java.util.concurrent.atomic.AtomicInteger;

/// An owned file descriptor, closed exactly once. Thread-safe as to closing; a user must hold it
/// open while using it.
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;

  private Fd(int number) {
    this.number = new AtomicInteger(number);
  }

  /// Takes over a descriptor number that nobody else will close.
  public static Fd own(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return new Fd(number);
  }

  /// The number.
  ///
  /// @throws IllegalStateException when closed
  public int number() {
    var open = number.get();
    if (open == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return open;
  }

  /// Whether it was not closed yet.
  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /// A second descriptor of the same open file.
  public Fd duplicate() throws LinuxException {
    return Linux.duplicate(this);
  }

  @Override
  public void close() {
    var open = number.getAndSet(CLOSED);
    if (open != CLOSED) {
      Linux.close(open);
    }
  }

  @Override
  public String toString() {
    return "fd " + number.get();
  }
}
