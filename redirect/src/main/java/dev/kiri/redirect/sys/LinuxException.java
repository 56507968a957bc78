package dev.kiri.redirect.sys;

import java.io.IOException;

/// A system call that failed: which one, on what, and the kernel's `errno`.
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  LinuxException(String call, int errno) {
    super(call + ": " + Errno.text(errno));
    this.call = call;
    this.errno = errno;
  }

  /// The system call with its subject, for example `open(/proc/thread-self/ns/net)`.
  public String call() {
    return call;
  }

  /// The kernel's error number, see [Errno].
  public int errno() {
    return errno;
  }

  /// Whether the kernel answered with this error number.
  public boolean is(int expected) {
    return errno == expected;
  }
}
