package dev.kiri.redirect.agent;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pods and namespaces from a folder of manifests, with what controllers say of them in a second
/// folder laid over them. Watches both. One thread reads; [#view], [#annotate] and
/// [#explain] are thread-safe.
public final class FolderPodSource implements PodSource {
  // A change can slip past the kernel's notice (a mount, a network file system): looked at anyway.
  private static final long RESCAN_SECONDS = 10;
  // Several files are often written at once.
  private static final long SETTLE_MILLIS = 3;
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final String node;
  private final Path objectsFolder;
  private final Path overlayFolder;
  private final YamlTree objects;
  private final YamlTree overlays;
  private final AnnotationOverlay annotations;
  private final WatchService watcher;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private final Set<String> complaints = new HashSet<>();
  private volatile NodeView view = NodeView.EMPTY;

  public FolderPodSource(String node, Path objectsFolder, Path overlayFolder) throws IOException {
    this.node = node;
    this.objectsFolder = objectsFolder;
    this.overlayFolder = overlayFolder;
    this.objects = new YamlTree(objectsFolder);
    this.overlays = new YamlTree(overlayFolder);
    this.annotations = new AnnotationOverlay(overlayFolder);
    this.watcher = objectsFolder.getFileSystem().newWatchService();
  }

  @Override
  public void start(Listener listener) throws IOException {
    if (!Files.isDirectory(objectsFolder)) {
      throw new IOException("the folder of objects does not exist: " + objectsFolder);
    }
    Files.createDirectories(overlayFolder);
    refresh();
    pruneOverlay();
    Thread.ofPlatform().name("pod-folder").daemon().start(() -> follow(listener));
  }

  @Override
  public NodeView view() {
    return view;
  }

  @Override
  public void annotate(Pod pod, Redirection state) throws IOException {
    annotations.write(pod, state);
  }

  @Override
  public void explain(Pod pod, String why) throws IOException {
    annotations.explain(pod, why);
  }

  private void pruneOverlay() throws IOException {
    var names = new HashMap<String, List<String>>();
    for (var object : objects.documents()) {
      if (object.path("kind").asString("").equals("Pod")) {
        names
            .computeIfAbsent(PodDocument.namespaceOf(object), _ -> new ArrayList<>())
            .add(object.path("metadata").path("name").asString(""));
      }
    }
    annotations.prune(names);
  }

  private void follow(Listener listener) {
    try {
      while (true) {
        var key = watcher.poll(RESCAN_SECONDS, TimeUnit.SECONDS);
        while (key != null) {
          key.pollEvents();
          key.reset();
          key = watcher.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
        var before = view;
        if (refreshOrComplain() && !view.equals(before)) {
          listener.changed(before, view);
        }
      }
    } catch (ClosedWatchServiceException closed) {
      LOG.debug("the folder of objects is not watched any more");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean refreshOrComplain() {
    try {
      return refresh();
    } catch (IOException failed) {
      complain("reading " + objectsFolder + " or " + overlayFolder + ": " + failed.getMessage());
      return false;
    }
  }

  private boolean refresh() throws IOException {
    var folders = new ArrayList<Path>();
    var changed = objects.scan(folders);
    changed |= overlays.scan(folders);
    // A folder is watched only after it was read, so a new one is read once more.
    if (watch(folders)) {
      changed |= objects.scan(folders);
      changed |= overlays.scan(folders);
    }
    if (changed) {
      view = FolderView.of(objects.byName(), overlays.byName(), node, this::complain);
    }
    return changed;
  }

  private boolean watch(List<Path> folders) throws IOException {
    watched.values().removeIf(key -> !key.isValid());
    var fresh = false;
    for (var folder : folders) {
      if (!watched.containsKey(folder) && Files.isDirectory(folder)) {
        watched.put(
            folder,
            folder.register(
                watcher,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE));
        fresh = true;
      }
    }
    return fresh;
  }

  private void complain(String text) {
    if (complaints.add(text)) {
      LOG.warn("{}", text);
    }
  }

  @Override
  public void close() {
    try {
      watcher.close();
    } catch (IOException failed) {
      LOG.debug("closing the watch of {}: {}", objectsFolder, failed.getMessage());
    }
  }
}
