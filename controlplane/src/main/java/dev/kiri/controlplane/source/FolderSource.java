package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.kinds.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects from a folder of YAML files, read recursively and watched, with an overlay tree of
/// annotations and status laid over them.
///
/// A file with a syntax error, and an object that is refused, leave what was accepted before in
/// force. Several documents for one object: the first by file and position counts. The start reads
/// everything on the caller's thread; afterwards one daemon thread does the work, or whoever asks
/// to [#catchUp]. Thread-safe.
public final class FolderSource implements ObjectSource {
  private static final Logger LOG = LoggerFactory.getLogger("source");

  private final Path objects;
  private final @Nullable Path overlay;
  private final FolderState state = new FolderState();
  private final FolderWatch watch;
  private @Nullable SourceListener listener;
  private List<Problem> lastProblems = List.of();

  /// A source over a folder, and an overlay tree if there is one; both must exist.
  public FolderSource(Path objects, @Nullable Path overlay) throws IOException {
    this.objects = objects.toAbsolutePath().normalize();
    this.overlay = overlay == null ? null : overlay.toAbsolutePath().normalize();
    this.watch = new FolderWatch(this::changed);
  }

  /// Reads the files that name the object's kind and name, in their order.
  @Override
  public @Nullable MeshObject peek(ObjectKey key) {
    for (Path file : filesUnder(objects)) {
      try {
        String text = Layout.isManifest(file) ? Files.readString(file) : "";
        if (text.contains(key.kind().kindName()) && text.contains(key.name())) {
          for (Object tree : Yaml.documents(text, file.getFileName().toString())) {
            if (key.equals(Decoder.keyOf(tree))) {
              return Decoder.decode(tree, new Origin(file.toString(), 1))
                      instanceof Decoded.Accepted(MeshObject object, var _)
                  ? object
                  : null;
            }
          }
        }
      } catch (IOException | Yaml.Malformed e) {
        LOG.debug("{} left aside for now: {}", file, e.getMessage());
      }
    }
    return null;
  }

  @Override
  public void start(SourceListener to) {
    listener = to;
    try {
      watch.add(objects);
      if (overlay != null) {
        watch.add(overlay);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("watching " + objects, e);
    }
    takeInAll();
    watch.start();
  }

  /// Reads all files again. Empty ones are left to the watch, which gives an editor time to fill
  /// them.
  @Override
  public synchronized void catchUp() {
    rescan(FolderSource::hasContent);
    publish(false);
  }

  private static boolean hasContent(Path file) {
    try {
      return Files.size(file) > 0;
    } catch (IOException e) {
      return true; // gone: reading it finds that out
    }
  }

  @Override
  public void close() {
    watch.close();
  }

  private synchronized void changed(Set<Path> paths) {
    for (Path path : paths) {
      if (path.equals(FolderWatch.EVERYTHING)) {
        rescan(_ -> true);
      } else if (Files.isDirectory(path)) {
        filesUnder(path).forEach(this::read);
      } else {
        // the file, or those of a folder that is gone
        Set<Path> files = new TreeSet<>(state.knownUnder(path));
        files.add(path);
        files.forEach(this::read);
      }
    }
    publish(false);
  }

  private void publish(boolean always) {
    SourceListener to = listener;
    if (to == null) {
      return;
    }
    List<ObjectChange> changes = state.changes();
    List<Problem> problems = state.problems();
    if (always || !problems.equals(lastProblems)) {
      for (Problem problem : problems) {
        if (!lastProblems.contains(problem)) {
          LOG.warn("{}", problem.message());
        }
      }
      lastProblems = problems;
      to.problems(problems);
    }
    if (always || !changes.isEmpty()) {
      to.changed(changes);
    }
  }

  private synchronized void takeInAll() {
    rescan(_ -> true);
    publish(true);
  }

  private void rescan(Predicate<Path> chosen) {
    Set<Path> files = new TreeSet<>(state.knownUnder(objects));
    files.addAll(filesUnder(objects));
    if (overlay != null) {
      files.addAll(filesUnder(overlay));
    }
    files.stream().filter(chosen).forEach(this::read);
  }

  private static Set<Path> filesUnder(Path folder) {
    Set<Path> files = new TreeSet<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot read folder {}: {}", folder, e.getMessage());
    }
    return files;
  }

  private void read(Path file) {
    if (!Layout.isManifest(file)) {
      return;
    }
    boolean ofOverlay = overlay != null && file.startsWith(overlay);
    List<Object> trees;
    try {
      trees = Yaml.documents(Files.readString(file), file.getFileName().toString());
    } catch (NoSuchFileException e) {
      trees = List.of();
    } catch (IOException | Yaml.Malformed e) {
      if (ofOverlay) {
        LOG.warn("overlay {} left aside: {}", file, e.getMessage());
      } else {
        state.unreadable(file, String.valueOf(e.getMessage()));
      }
      return;
    }
    if (ofOverlay) {
      readOverlay(file, trees);
    } else {
      state.file(file, trees);
    }
  }

  private void readOverlay(Path file, List<Object> trees) {
    if (overlay == null) {
      return;
    }
    ObjectKey key = Layout.keyOf(overlay, file).orElse(null);
    if (key != null) {
      state.overlay(
          key, !trees.isEmpty() && trees.getFirst() instanceof Map<?, ?> tree ? tree : null);
    }
  }
}
