package dev.kiri.redirect.netns;

import dev.kiri.redirect.sys.Fd;
import dev.kiri.redirect.sys.Linux;
import dev.kiri.redirect.sys.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A pod's network namespace, kept alive by an open descriptor. Thread-safe: closing waits for
/// nobody, the descriptor goes when the last user of the moment is out.
public final class PodNetns implements AutoCloseable {
  private final Fd fd;
  private final NetnsId id;
  private final HomeNetns home;
  // The owner counts as one user until it closes; 0 means that the descriptor is gone.
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  private PodNetns(Fd fd, NetnsId id, HomeNetns home) {
    this.fd = fd;
    this.id = id;
    this.home = home;
  }

  /// Work to be done inside. It must not start threads or touch thread pools.
  public interface Work<T extends @Nullable Object, X extends Exception> {
    T run() throws X;
  }

  /// Opens a namespace file, such as `/proc/<pid>/ns/net` or a bind mount of one.
  public static PodNetns open(Path file, HomeNetns home) throws IOException {
    return adopt(Linux.open(file), home);
  }

  /// Takes over a descriptor, closing it when it is not one of a network namespace.
  public static PodNetns adopt(Fd fd, HomeNetns home) throws IOException {
    try {
      requireNetworkNamespace(fd);
      var identity = Linux.identity(fd);
      return new PodNetns(fd, new NetnsId(identity.device(), identity.inode()), home);
    } catch (IOException | RuntimeException failed) {
      fd.close();
      throw failed;
    }
  }

  /// Makes a new, empty namespace with its loopback interface up, which is gone with its last
  /// handle: for trying rules out before a pod is touched, and for tests.
  public static PodNetns create(HomeNetns home) throws IOException {
    return adopt(FreshNetns.open(), home);
  }

  private static void requireNetworkNamespace(Fd fd) throws IOException {
    int type;
    try {
      type = Linux.namespaceType(fd);
    } catch (LinuxException failed) {
      throw new IOException("not a namespace: " + failed.getMessage(), failed);
    }
    if (type != Linux.NETWORK_NAMESPACE) {
      throw new IOException("not a network namespace but of type 0x" + Integer.toHexString(type));
    }
  }

  /// Which namespace this is.
  public NetnsId id() {
    return id;
  }

  /// Whether it is the namespace this process lives in.
  public boolean isHome() {
    return id.equals(home.id());
  }

  /// Does the work with the calling thread inside the namespace, and brings the thread back
  /// whatever happens.
  ///
  /// @throws IllegalStateException on a virtual thread, or when this was closed
  /// @throws IOException when the namespace cannot be entered
  public <T extends @Nullable Object, X extends Exception> T inside(Work<T, X> work)
      throws IOException, X {
    acquire();
    try {
      Linux.setns(fd);
      try {
        return work.run();
      } finally {
        home.comeBack();
      }
    } finally {
      release();
    }
  }

  /// Uses the descriptor itself, which stays open meanwhile.
  public <T extends @Nullable Object, X extends Exception> T withDescriptor(DescriptorUse<T, X> use)
      throws X {
    acquire();
    try {
      return use.of(fd);
    } finally {
      release();
    }
  }

  /// What is done with a descriptor that is only lent.
  public interface DescriptorUse<T extends @Nullable Object, X extends Exception> {
    T of(Fd descriptor) throws X;
  }

  /// A second handle of the same namespace, closed on its own.
  public PodNetns share() throws LinuxException {
    var second = withDescriptor(Fd::duplicate);
    return new PodNetns(second, id, home);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  private void acquire() {
    if (closed.get() || users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
      throw new IllegalStateException("the namespace handle " + id + " is closed");
    }
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      fd.close();
    }
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
