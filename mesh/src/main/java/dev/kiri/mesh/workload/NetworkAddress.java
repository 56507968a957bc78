package dev.kiri.mesh.workload;

import io.netty.util.NetUtil;
import java.net.InetAddress;

/// An IP address within a network. Networks may overlap; the default network is the empty string.
///
/// Written `network/ip`, so `/192.0.2.1` in the default network.
public record NetworkAddress(String network, InetAddress address) {

  @Override
  public String toString() {
    return network + "/" + NetUtil.toAddressString(address);
  }
}
