package dev.kiri.hbone.connect;

import org.jspecify.annotations.Nullable;

/// The answer to a CONNECT request. Immutable. `baggage` describes the destination workload and is
/// sent only with status 200.
public record ConnectResponse(int status, @Nullable Baggage baggage) {
  public static final ConnectResponse OK = new ConnectResponse(200, null);

  public boolean accepted() {
    return status == 200;
  }
}
