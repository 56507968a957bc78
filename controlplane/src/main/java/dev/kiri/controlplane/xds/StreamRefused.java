package dev.kiri.controlplane.xds;

import io.grpc.Status;

/// Ends a stream with a status.
final class StreamRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Status status;

  StreamRefused(Status status) {
    super(status.toString(), null, false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }
}
