package dev.kiri.hbone.identity;

/// A text that is not a SPIFFE identity of a mesh; the message is upstream's.
public final class InvalidSpiffeId extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidSpiffeId(String input) {
    super("invalid spiffe identity: " + input, null);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
