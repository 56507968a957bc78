package dev.kiri.ztunnel.balance;

import java.net.InetAddress;

/// Endpoints that are left out for a while because connecting to them failed just now. Asked for
/// each candidate; must be cheap.
@FunctionalInterface
public interface Ejections {
  /// Nothing is left out.
  Ejections NONE = (workloadUid, address) -> false;

  /// Whether this workload, at this address if it has one, is left out now.
  boolean ejected(String workloadUid, InetAddress address);
}
