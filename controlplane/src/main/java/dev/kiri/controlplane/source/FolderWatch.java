package dev.kiri.controlplane.source;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches folders and tells which paths changed, collecting what happens within a short while, so
/// that a save of an editor or a `git checkout` arrives whole. A file that has just been emptied is
/// looked at again a little later, because an editor may be about to fill it.
///
/// A folder that appears is told as a path of its own: what is in it may have been there before it
/// was watched. The callback runs on a platform thread of the watch; what it throws is logged.
public final class FolderWatch implements AutoCloseable {
  /// Told instead of a path when the kernel lost events: look at everything.
  public static final Path EVERYTHING = Path.of("/");

  /// A batch ends when nothing happened for this long.
  private static final long QUIET_MILLIS = 5;

  /// A batch ends at the latest after this long, also when changes keep coming.
  private static final long LONGEST_MILLIS = 40;

  private static final long EMPTIED_MILLIS = 40;
  private static final Logger LOG = LoggerFactory.getLogger("source");

  private final WatchService service;
  private final Consumer<Set<Path>> changed;
  private final Map<WatchKey, Path> folders = new HashMap<>();
  private final Set<Path> flat = new HashSet<>();
  private @Nullable Thread thread;

  /// A watch of nothing, until folders are added and it is started.
  public FolderWatch(Consumer<Set<Path>> changed) throws IOException {
    this.service = Path.of("/").getFileSystem().newWatchService();
    this.changed = changed;
  }

  /// Watches a folder and all below it, also those that are made later, but for hidden ones. A
  /// folder is watched before it is listed, so that nothing made in between is missed. To be called
  /// before [#start].
  public void add(Path folder) throws IOException {
    watch(folder);
    try (DirectoryStream<Path> below = Files.newDirectoryStream(folder, FolderWatch::isWatched)) {
      for (Path each : below) {
        add(each);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /// Watches what lies in a folder itself, and no folder in it. To be called before [#start].
  public void addFlat(Path folder) throws IOException {
    flat.add(folder);
    watch(folder);
  }

  private void watch(Path folder) throws IOException {
    folders.put(
        folder.register(
            service,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE),
        folder);
  }

  private static boolean isWatched(Path path) {
    return Files.isDirectory(path) && !String.valueOf(path.getFileName()).startsWith(".");
  }

  /// Starts telling.
  public void start() {
    thread = Thread.ofPlatform().daemon().name("source-watch").start(this::run);
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      LOG.debug("closing the watch", e);
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        Set<Path> paths = new LinkedHashSet<>();
        collect(service.take(), paths);
        long began = System.nanoTime();
        boolean waited = false;
        while (true) {
          WatchKey next = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
          if (next != null) {
            collect(next, paths);
          } else if (!waited && paths.stream().anyMatch(FolderWatch::emptied)) {
            waited = true;
            WatchKey later = service.poll(EMPTIED_MILLIS, TimeUnit.MILLISECONDS);
            if (later != null) {
              collect(later, paths);
            }
          } else {
            break;
          }
          if (!waited && System.nanoTime() - began > LONGEST_MILLIS * 1_000_000) {
            break;
          }
        }
        tell(paths);
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      LOG.debug("watch ended");
    }
  }

  private void tell(Set<Path> paths) {
    try {
      changed.accept(paths);
    } catch (RuntimeException e) {
      LOG.error("a change of the objects could not be taken in", e);
    }
  }

  private void collect(WatchKey key, Set<Path> paths) {
    Path folder = folders.get(key);
    for (WatchEvent<?> event : key.pollEvents()) {
      if (folder == null || !(event.context() instanceof Path name)) {
        paths.add(EVERYTHING);
        continue;
      }
      Path path = folder.resolve(name);
      if (!flat.contains(folder) && isWatched(path)) {
        try {
          add(path);
        } catch (IOException e) {
          LOG.debug("folder {} came and went", path, e);
        }
      }
      paths.add(path);
    }
    if (!key.reset()) {
      folders.remove(key);
    }
  }

  private static boolean emptied(Path path) {
    try {
      return Layout.isManifest(path) && Files.isRegularFile(path) && Files.size(path) == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
