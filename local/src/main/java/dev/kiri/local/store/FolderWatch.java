package dev.kiri.local.store;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Watches a folder and everything below it, and reports the files that appeared, changed or went,
/// a batch at a time.
///
/// One virtual thread calls the listener. A batch is closed after [#SETTLE_MILLIS] without further
/// events, so that a
/// save of an editor or a `git checkout` arrives whole. When the kernel's queue overflows, all
/// files are reported.
public final class FolderWatch implements AutoCloseable {
  private static final int SETTLE_MILLIS = 8;

  private final Path root;
  private final boolean below;
  private final WatchService service;
  private final Map<WatchKey, Path> folders = new HashMap<>();
  private final Consumer<Set<Path>> listener;

  private FolderWatch(Path root, boolean below, Consumer<Set<Path>> listener) throws IOException {
    this.root = root;
    this.below = below;
    this.listener = listener;
    this.service = root.getFileSystem().newWatchService();
    register(root);
  }

  /// Starts watching a folder and all below it; the folder must exist.
  public static FolderWatch start(Path root, Consumer<Set<Path>> listener) {
    return start(root, true, listener);
  }

  /// Starts watching the files of one folder, not those of folders in it.
  public static FolderWatch startFlat(Path root, Consumer<Set<Path>> listener) {
    return start(root, false, listener);
  }

  private static FolderWatch start(Path root, boolean below, Consumer<Set<Path>> listener) {
    try {
      var watch = new FolderWatch(root, below, listener);
      Thread.ofVirtual().name("watch " + root).start(watch::run);
      return watch;
    } catch (IOException e) {
      throw new UncheckedIOException("watching " + root, e);
    }
  }

  private void run() {
    try {
      while (true) {
        var key = service.take();
        var batch = new LinkedHashSet<Path>();
        do {
          collect(key, batch);
          key = service.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        } while (key != null);
        if (!batch.isEmpty()) {
          listener.accept(batch);
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      Thread.currentThread().interrupt(); // the end of the watch
    }
  }

  private void collect(WatchKey key, Set<Path> batch) {
    var folder = folders.get(key);
    for (var event : key.pollEvents()) {
      if (OVERFLOW.equals(event.kind()) || folder == null) {
        addFiles(root, batch);
      } else {
        var path = folder.resolve((Path) event.context());
        if (below
            && ENTRY_CREATE.equals(event.kind())
            && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          registerQuietly(path);
          addFiles(path, batch); // what was written before the registration
        } else {
          batch.add(path);
        }
      }
    }
    if (!key.reset()) {
      folders.remove(key);
    }
  }

  private void registerQuietly(Path folder) {
    try {
      register(folder);
    } catch (IOException e) {
      // gone again before it could be watched: its files are gone too
    }
  }

  private void register(Path start) throws IOException {
    if (!below) {
      folders.put(start.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE), start);
      return;
    }
    Files.walkFileTree(
        start,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (folder.equals(start) || !String.valueOf(folder.getFileName()).startsWith(".")) {
              folders.put(
                  folder.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE), folder);
              return FileVisitResult.CONTINUE;
            }
            return FileVisitResult.SKIP_SUBTREE;
          }
        });
  }

  private void addFiles(Path folder, Set<Path> batch) {
    try (var files = Files.walk(folder, below ? Integer.MAX_VALUE : 1)) {
      files.filter(Files::isRegularFile).forEach(batch::add);
    } catch (IOException | UncheckedIOException e) {
      batch.add(folder); // partly gone; the deletions follow as events
    }
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the watch of " + root, e);
    }
  }
}
