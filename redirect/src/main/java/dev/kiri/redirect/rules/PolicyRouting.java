package dev.kiri.redirect.rules;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Errno;
import dev.kiri.redirect.sys.Sockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Brings the answers to connections that the proxy opened in its client's name back to the proxy:
/// packets with [Marks#REPLY] are looked up in a table of their own, which holds everything to be
/// local. Each family is handled on its own.
final class PolicyRouting {
  private static final Path IPV6_OFF = Path.of("/proc/sys/net/ipv6/conf/lo/disable_ipv6");

  private PolicyRouting() {}

  static void apply(PodNetns pod, boolean ipv6) throws IOException {
    try (var socket = RouteSocket.open(pod)) {
      add(socket, Sockets.AF_INET);
      if (ipv6 && !loopbackLacksIpv6(pod)) {
        add(socket, Sockets.AF_INET6);
      }
    }
  }

  static void remove(PodNetns pod) throws IOException {
    try (var socket = RouteSocket.open(pod)) {
      for (var family : new int[] {Sockets.AF_INET, Sockets.AF_INET6}) {
        socket.ask(RouteMessage.deleteRule(family), Errno.ENOENT, Errno.EAFNOSUPPORT);
        socket.ask(RouteMessage.deleteRoute(family), Errno.ESRCH, Errno.EAFNOSUPPORT);
      }
    }
  }

  private static void add(RouteSocket socket, int family) throws IOException {
    socket.ask(RouteMessage.addRule(family), Errno.EEXIST);
    socket.ask(RouteMessage.addRoute(family));
  }

  // When it cannot be read, IPv6 is tried: the kernel then says why not.
  private static boolean loopbackLacksIpv6(PodNetns pod) throws IOException {
    return pod.inside(
        () -> {
          try {
            return Files.readString(IPV6_OFF).strip().equals("1");
          } catch (IOException unreadable) {
            return false;
          }
        });
  }
}
