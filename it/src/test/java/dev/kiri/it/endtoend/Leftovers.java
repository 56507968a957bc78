package dev.kiri.it.endtoend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What meshes in a folder left on this machine: processes that know of the folder, mounts in it,
/// files.
record Leftovers(Path folder) {
  List<String> all() throws IOException {
    var out = new ArrayList<>(processes());
    out.addAll(mounts());
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        files.map(Path::toString).forEach(out::add);
      }
    }
    return out;
  }

  /// By their arguments or their environment: a mesh's processes have the folder in either.
  List<String> processes() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.pid() != ProcessHandle.current().pid())
        .filter(p -> knowsFolder(p, "cmdline") || knowsFolder(p, "environ"))
        .map(p -> "process " + p.pid() + " " + text(p, "cmdline").replace('\0', ' '))
        .toList();
  }

  private List<String> mounts() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/mounts"))) {
      return lines.filter(line -> line.contains(folder.toString())).toList();
    }
  }

  private boolean knowsFolder(ProcessHandle process, String file) {
    return text(process, file).contains(folder.toString());
  }

  private static String text(ProcessHandle process, String file) {
    try {
      var path = Path.of("/proc", Long.toString(process.pid()), file);
      return Files.readString(path, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it ended while we looked
    }
  }
}
