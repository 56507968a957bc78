package dev.kiri.redirect.netns;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.kiri.redirect.sys.Fd;
import dev.kiri.redirect.sys.Linux;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Makes a namespace on a thread of its own, which ends there and so never has to come back.
final class FreshNetns {
  // linux/sockios.h and net/if.h; the flags are a short after the 16 bytes of the name.
  private static final long SIOCGIFFLAGS = 0x8913;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final short IFF_UP = 1;

  private FreshNetns() {}

  static Fd open() throws IOException {
    var task = new FutureTask<>(FreshNetns::unshareAndOpen);
    Thread.ofPlatform().name("netns-maker").daemon().start(task);
    try {
      return task.get();
    } catch (ExecutionException failed) {
      var why = failed.getCause() == null ? failed : failed.getCause();
      throw new IOException("making a network namespace: " + why.getMessage(), why);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making a network namespace", interrupted);
    }
  }

  private static Fd unshareAndOpen() throws LinuxException {
    Linux.unshare(Linux.NETWORK_NAMESPACE);
    try (var socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
        var arena = Arena.ofConfined()) {
      var request = arena.allocate(IFREQ_BYTES, 8);
      request.setString(0, "lo");
      Linux.ioctl(socket, SIOCGIFFLAGS, request);
      request.set(JAVA_SHORT, IFREQ_FLAGS, (short) (request.get(JAVA_SHORT, IFREQ_FLAGS) | IFF_UP));
      Linux.ioctl(socket, SIOCSIFFLAGS, request);
    }
    return Linux.open(Path.of("/proc/thread-self/ns/net"));
  }
}
