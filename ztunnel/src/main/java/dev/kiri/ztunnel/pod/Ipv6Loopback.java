package dev.kiri.ztunnel.pod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether there is an IPv6 loopback address to listen at.
public final class Ipv6Loopback {
  private static final Path DISABLED = Path.of("/proc/sys/net/ipv6/conf/lo/disable_ipv6");

  private Ipv6Loopback() {}

  /// In the network namespace of the calling thread.
  public static boolean present() {
    try {
      return !Files.readString(DISABLED).strip().equals("1");
    } catch (IOException noIpv6) {
      return false;
    }
  }
}
