package dev.kiri.local.api;

/// Something a user can understand and mend went wrong; the message is all they need to see.
public final class MeshException extends RuntimeException {
  public MeshException(String message) {
    super(message);
  }

  public MeshException(String message, Throwable cause) {
    super(message, cause);
  }
}
