package dev.kiri.controlplane.index;

import com.google.protobuf.ByteString;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/// Small conversions to wire form.
final class Encoding {
  private Encoding() {}

  static ByteString bytes(InetAddress address) {
    return ByteString.copyFrom(address.getAddress());
  }

  static String alias(String network, InetAddress address) {
    return network + "/" + NetUtil.toAddressString(address);
  }
}
