package dev.kiri.ztunnel.balance;

/// A port of a workload that connections are sent to. Immutable.
public record EndpointKey(String workloadUid, int port) {
  @Override
  public String toString() {
    return workloadUid + ":" + port;
  }
}
