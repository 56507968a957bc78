package dev.kiri.redirect.netns;

import dev.kiri.redirect.sys.Fd;
import dev.kiri.redirect.sys.Linux;
import dev.kiri.redirect.sys.LinuxException;
import java.nio.file.Path;

/// The namespace this process lives in, opened once at start, before any thread went elsewhere.
/// Thread-safe; lives as long as the process.
public final class HomeNetns {
  private static final int NO_WAY_HOME = 70;

  private final Fd fd;
  private final NetnsId id;

  private HomeNetns(Fd fd, NetnsId id) {
    this.fd = fd;
    this.id = id;
  }

  /// The namespace of the calling thread.
  public static HomeNetns ofThisThread() throws LinuxException {
    var fd = Linux.open(Path.of("/proc/thread-self/ns/net"));
    var identity = Linux.identity(fd);
    return new HomeNetns(fd, new NetnsId(identity.device(), identity.inode()));
  }

  /// Its identity.
  public NetnsId id() {
    return id;
  }

  /// Brings the calling thread back. A thread left in a foreign namespace would make sockets in the
  /// wrong pod, so failing ends the process.
  void comeBack() {
    try {
      Linux.setns(fd);
    } catch (LinuxException failed) {
      System.err.println(
          "cannot return to the home network namespace, giving up: " + failed.getMessage());
      Runtime.getRuntime().halt(NO_WAY_HOME);
    }
  }
}
