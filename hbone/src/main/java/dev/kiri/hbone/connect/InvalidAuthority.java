package dev.kiri.hbone.connect;

/// An `:authority` that names no target; the message is upstream's.
public final class InvalidAuthority extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidAuthority(CharSequence authority) {
    super("no valid authority pseudo header: " + authority, null);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
