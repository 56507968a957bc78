package dev.kiri.local.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a mesh keeps everything it owns on disk: one folder by name, deleted by `down`.
public record MeshState(String name, Path folder) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");

  /// Appears whole or not at all, and not in a folder that is gone.
  private static final String RECORD =
      """
      file=$1; shift
      began=$(cut -d ' ' -f 22 /proc/$$/stat) && echo "$$ $began" > "$file.new" &&
      mv "$file.new" "$file" && exec "$@"\
      """;

  public MeshState {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "mesh name \""
              + name
              + "\": accepted are up to 32 lower-case letters, digits and inner dashes");
    }
  }

  public static MeshState of(String name) {
    return new MeshState(
        name,
        base(System.getenv(), Files.isWritable(Path.of("/run")), System.getProperty("user.name"))
            .resolve(name));
  }

  /// The folder of all meshes of this user.
  static Path base(Map<String, String> environment, boolean runIsOurs, @Nullable String user) {
    var given = environment.get("KIRI_RUN_DIR");
    if (given != null) {
      return Path.of(given);
    }
    if (runIsOurs) {
      return Path.of("/run/kiri");
    }
    var runtime = environment.get("XDG_RUNTIME_DIR");
    return runtime != null && Files.isWritable(Path.of(runtime))
        ? Path.of(runtime, "kiri")
        : Path.of(System.getProperty("java.io.tmpdir"), "kiri-" + user);
  }

  /// All meshes of this user that left something on disk, running or not.
  public static List<MeshState> all() {
    var base = of("kiri").folder.getParent();
    if (base == null || !Files.isDirectory(base)) {
      return List.of();
    }
    try (var entries = Files.list(base)) {
      return entries
          .filter(Files::isDirectory)
          .filter(p -> NAME.matcher(p.getFileName().toString()).matches())
          .map(p -> new MeshState(p.getFileName().toString(), p))
          .sorted(java.util.Comparator.comparing(MeshState::name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("listing " + base, e);
    }
  }

  public Path socket() {
    return folder.resolve("api.sock");
  }

  /// The process outside the mesh's namespaces whose only child is the first process inside: `<pid>
  /// <start time>`.
  public Path processFile() {
    return folder.resolve("process");
  }

  public Path objects() {
    return folder.resolve("objects");
  }

  public Path overlay() {
    return folder.resolve("overlay");
  }

  public Path netns() {
    return folder.resolve("netns");
  }

  public Path logs() {
    return folder.resolve("logs");
  }

  public Path supervisorLog() {
    return folder.resolve("supervisor.log");
  }

  /// The log of one container of a pod.
  public Path log(String namespace, String pod, String container) {
    return logs().resolve(namespace + "_" + pod).resolve(container + ".log");
  }

  /// The outer process, if it is still the one that was recorded.
  public Optional<ProcessHandle> process() {
    return recorded(processFile());
  }

  public Path publisherFile() {
    return folder.resolve("publisher");
  }

  /// The process that keeps published ports open, if there is one.
  public Optional<ProcessHandle> publisher() {
    return recorded(publisherFile());
  }

  private static Optional<ProcessHandle> recorded(Path file) {
    try {
      var words = Files.readString(file).strip().split(" ");
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(p -> startOf(p.pid()).equals(words[1]));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /// The first process inside the namespaces, as seen from outside.
  public Optional<ProcessHandle> init() {
    return process().flatMap(p -> p.children().findFirst());
  }

  /// The command line of a program that writes down which process it is before it does anything
  /// else. Whoever starts it may be killed at any time: either the file says what runs, or nothing
  /// does, also when the folder is deleted meanwhile.
  ///
  /// @param file [#processFile] or [#publisherFile]
  public static List<String> recording(Path file, List<String> program) {
    var line = new ArrayList<>(List.of("setsid", "sh", "-c", RECORD, "kiri", file.toString()));
    line.addAll(program);
    return line;
  }

  /// Field 22 of `/proc/PID/stat`: with the pid it names a process for good, a pid alone is used
  /// again.
  private static String startOf(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
    } catch (IOException e) {
      return "gone";
    }
  }
}
