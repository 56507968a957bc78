package dev.kiri.mesh.workload;

import java.net.Inet4Address;
import java.net.InetAddress;

/// The address families a service may be reached by.
public enum IpFamilies {
  /// Not said: any.
  AUTOMATIC,
  IPV4_ONLY,
  IPV6_ONLY,
  DUAL;

  /// Whether an endpoint of the service may be dialled at this address.
  public boolean allows(InetAddress address) {
    return switch (this) {
      case AUTOMATIC, DUAL -> true;
      case IPV4_ONLY -> address instanceof Inet4Address;
      case IPV6_ONLY -> !(address instanceof Inet4Address);
    };
  }
}
