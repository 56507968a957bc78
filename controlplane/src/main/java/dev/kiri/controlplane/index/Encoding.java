package dev.kiri.controlplane.index;

import com.google.protobuf.ByteString;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.HexFormat;

/// Small conversions to wire form.
final class Encoding {
  private Encoding() {}

  static ByteString bytes(InetAddress address) {
    return ByteString.copyFrom(address.getAddress());
  }

  static String alias(String network, InetAddress address) {
    return network + "/" + NetUtil.toAddressString(address);
  }

  /// An address as a key that sorts by family and number.
  static String sortable(InetAddress address) {
    byte[] bytes = address.getAddress();
    return (bytes.length == 4 ? "4" : "6") + HexFormat.of().formatHex(bytes);
  }
}
