package dev.kiri.ztunnel.dns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The name servers of this machine's `/etc/resolv.conf`, read again while the process runs: a file
/// that changes reaches pods that are served already (upstream's keep what stood there when they
/// started). Thread-safe; [#get] only reads.
public final class ResolverFile implements Supplier<Resolvers>, AutoCloseable {
  /// The usual place.
  public static final Path USUAL = Path.of("/etc/resolv.conf");

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger("dns");

  private final Path file;
  private final Thread watch;
  private volatile Resolvers current = Resolvers.NONE;

  private ResolverFile(Path file) {
    this.file = file;
    readAgain();
    if (current.servers().isEmpty()) {
      LOG.warn("{} names no name servers: names outside the mesh cannot be resolved", file);
    }
    watch = Thread.ofVirtual().name("resolvers").start(this::watch);
  }

  /// Reads the file now and from time to time.
  public static ResolverFile watch(Path file) {
    return new ResolverFile(file);
  }

  @Override
  public Resolvers get() {
    return current;
  }

  /// Reads the file; one that is gone or unreadable changes nothing.
  void readAgain() {
    try {
      var read = Resolvers.parse(Files.readString(file));
      if (!read.equals(current)) {
        current = read;
        LOG.info("names outside the mesh are asked of {}", read.servers());
      }
    } catch (IOException unreadable) {
      LOG.debug("{} cannot be read: {}", file, unreadable.toString());
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        readAgain();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
