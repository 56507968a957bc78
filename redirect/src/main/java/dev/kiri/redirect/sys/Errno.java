package dev.kiri.redirect.sys;

/// The kernel error numbers this module decides on, as in the generic `errno` table of Linux.
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int EPIPE = 32;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int ENETDOWN = 100;
  public static final int ECONNRESET = 104;
  public static final int ECONNREFUSED = 111;

  private Errno() {}

  /// The C library's text for the numbers above, `error N` for others.
  public static String text(int errno) {
    return switch (errno) {
      case EPERM -> "Operation not permitted";
      case ENOENT -> "No such file or directory";
      case ESRCH -> "No such process";
      case EINTR -> "Interrupted system call";
      case EBADF -> "Bad file descriptor";
      case EAGAIN -> "Resource temporarily unavailable";
      case EACCES -> "Permission denied";
      case EEXIST -> "File exists";
      case ENODEV -> "No such device";
      case EINVAL -> "Invalid argument";
      case EPIPE -> "Broken pipe";
      case EOPNOTSUPP -> "Operation not supported";
      case EAFNOSUPPORT -> "Address family not supported by protocol";
      case EADDRINUSE -> "Address already in use";
      case ENETDOWN -> "Network is down";
      case ECONNRESET -> "Connection reset by peer";
      case ECONNREFUSED -> "Connection refused";
      default -> "error " + errno;
    };
  }
}
