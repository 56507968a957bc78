package dev.kiri.hbone.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The revocations of a file of CRLs (`CRL_PATH`), read again when its content changes.
/// Thread-safe; asking neither blocks nor locks.
///
/// PEM (several blocks; others than CRLs are passed over) or one DER. A missing or empty file
/// revokes nothing; one that cannot be read leaves what was known before. A list counts for the
/// authority whose key has signed it: listed certificates of another one of the same name are not
/// revoked by it. One whose next update is overdue counts all the same, as upstream (istio/ztunnel
/// `src/tls/crl.rs`): a control plane that is late must not undo revocations, nor cut the mesh.
///
/// Whatever is not as it should be is told to `trouble`, once each time it appears: that the file
/// is missing or cannot be read, that a list is overdue, that one is not signed by the issuer whose
/// certificate it lists.
public final class RevocationFile implements Revocations, AutoCloseable {
  private static final int MAX_TOLD = 1_000; // different troubles that are remembered as told

  private record Known(ByteBuffer content, List<RevocationList> lists) {}

  /// What came of a look at the file.
  public sealed interface Look {
    record Unchanged() implements Look {}

    record Changed(int lists) implements Look {}

    /// `why` names the file and what is wrong.
    record Unreadable(String why) implements Look {}
  }

  private final Path file;
  private final Consumer<String> trouble;
  private final InstantSource clock;
  private final List<Runnable> changed = new CopyOnWriteArrayList<>();
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile Known known = new Known(ByteBuffer.allocate(0), List.of());
  private @Nullable Thread watcher;

  /// `trouble` is called on whatever thread notices, event loops included; it must not block.
  public RevocationFile(Path file, Consumer<String> trouble) {
    this(file, trouble, InstantSource.system());
  }

  RevocationFile(Path file, Consumer<String> trouble, InstantSource clock) {
    this.file = file;
    this.trouble = trouble;
    this.clock = clock;
  }

  /// Runs `then` after each change, on the thread that noticed it: the moment for
  /// [dev.kiri.hbone.server.HboneServer#closeRevoked] and
  /// [dev.kiri.hbone.pool.HbonePool#closeRevoked].
  public void onChange(Runnable then) {
    changed.add(then);
  }

  /// Looks at the file every `interval` from now on, until [#close()]. Content is compared, so
  /// files that are swapped by a symbolic link are noticed.
  public synchronized void watch(Duration interval) {
    if (watcher == null) {
      watcher =
          Thread.ofVirtual()
              .name("crl")
              .start(
                  () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                      look();
                      LockSupport.parkNanos(interval.toNanos());
                    }
                  });
    }
  }

  /// Looks at the file now. Blocks.
  public Look look() {
    synchronized (changed) {
      try {
        boolean there = Files.exists(file);
        var content = there ? Files.readAllBytes(file) : new byte[0];
        boolean unchanged = ByteBuffer.wrap(content).equals(known.content());
        if (!unchanged) {
          known = new Known(ByteBuffer.wrap(content), RevocationList.parse(content));
          told.clear();
        }
        if (!there) {
          tell("is not there: nothing is revoked");
        }
        tellOverdue();
        if (unchanged) {
          return new Look.Unchanged();
        }
      } catch (IOException | CRLException | CertificateException e) {
        tell(e.getMessage() + ": what was known before still counts");
        return new Look.Unreadable(file + ": " + e.getMessage());
      }
    }
    changed.forEach(Runnable::run);
    return new Look.Changed(known.lists().size());
  }

  private void tellOverdue() {
    for (var list : known.lists()) {
      var due = list.overdueSince(clock.instant());
      if (due != null) {
        tell(
            "the list of " + list.issuer() + " was to be replaced at " + due + ": it still counts");
      }
    }
  }

  private void tell(String text) {
    if (told.size() < MAX_TOLD && told.add(text)) {
      trouble.accept(file + ": " + text);
    }
  }

  @Override
  public boolean isRevoked(X509Certificate certificate, X509Certificate issuer) {
    for (var list : known.lists()) {
      switch (list.about(certificate, issuer)) {
        case NOT_LISTED -> {}
        case REVOKED -> {
          return true;
        }
        case NOT_SIGNED_BY_ITS_ISSUER ->
            tell(
                "the list of "
                    + list.issuer()
                    + " has serial number "
                    + certificate.getSerialNumber()
                    + ", but is not signed by the authority that issued it: it is not revoked");
      }
    }
    return false;
  }

  /// Watches no longer; what is known stays.
  @Override
  public synchronized void close() {
    if (watcher != null) {
      watcher.interrupt();
      watcher = null;
    }
  }
}
