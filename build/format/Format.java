import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Runs google-java-format over every Java file below the given folders: `--apply` rewrites them,
/// `--check` names those that differ and exits with 1.
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("--apply");
    var files = new ArrayList<String>();
    for (String folder : List.of(args).subList(1, args.length)) {
      files.addAll(javaFilesBelow(Path.of(folder)));
    }
    if (files.isEmpty()) {
      return;
    }
    files.addAll(0, apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    int exit = new Main(out, err, System.in).format(files.toArray(String[]::new));
    if (exit != 0 && !apply) {
      err.println("The files named above are not formatted. Run: ./kiri format");
    }
    System.exit(exit);
  }

  private static List<String> javaFilesBelow(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(path -> path.toString().endsWith(".java") && !isGenerated(path))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private static boolean isGenerated(Path path) {
    return StreamSupport.stream(path.spliterator(), false).anyMatch(Path.of("target")::equals);
  }
}
