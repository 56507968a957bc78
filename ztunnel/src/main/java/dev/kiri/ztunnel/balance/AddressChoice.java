package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// The address a workload is dialled at.
public final class AddressChoice {
  private AddressChoice() {}

  /// The address that was asked for if it is the workload's own; else the first that the service
  /// allows, in the family that was asked for if there is one.
  ///
  /// @return null if the workload has no such address: then its hostname or its gateway is the way
  public static @Nullable InetAddress of(
      Workload workload, IpFamilies families, InetAddress asked) {
    if (workload.addresses().contains(asked)) {
      return asked;
    }
    InetAddress other = null;
    for (var address : workload.addresses()) {
      if (families.allows(address)) {
        if (address.getClass() == asked.getClass()) {
          return address;
        }
        other = other == null ? address : other;
      }
    }
    return other;
  }
}
