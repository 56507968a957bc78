package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Which address of a workload a connection goes to.
public sealed interface AddressChoice {
  /// This one.
  record Address(InetAddress address) implements AddressChoice {}

  /// It has none, but a host name to be looked up.
  record Hostname(String hostname) implements AddressChoice {}

  /// It has none that may be used.
  record None() implements AddressChoice {}

  /// The address that was asked for if it is one of the workload's; else one that the service's
  /// families allow, of the family that was asked for if there is one.
  static AddressChoice of(Workload workload, @Nullable Service service, InetAddress asked) {
    if (workload.addresses().contains(asked)) {
      return new Address(asked);
    }
    var families = service == null ? IpFamilies.AUTOMATIC : service.ipFamilies();
    InetAddress other = null;
    for (var address : workload.addresses()) {
      if (!families.allows(address)) {
        continue;
      }
      if ((address instanceof Inet4Address) == (asked instanceof Inet4Address)) {
        return new Address(address);
      }
      if (other == null) {
        other = address;
      }
    }
    if (other != null) {
      return new Address(other);
    }
    return workload.hostname().isEmpty() ? new None() : new Hostname(workload.hostname());
  }
}
