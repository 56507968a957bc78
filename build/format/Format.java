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
  private static final int WIDTH = 100;

  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("--apply");
    var files = new ArrayList<Path>();
    for (String folder : List.of(args).subList(1, args.length)) {
      files.addAll(javaFilesBelow(Path.of(folder)));
    }
    if (files.isEmpty()) {
      return;
    }
    if (apply) {
      for (Path file : files) {
        wrapDocumentation(file);
      }
    }
    var arguments = new ArrayList<String>();
    arguments.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    files.forEach(file -> arguments.add(file.toString()));
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    int exit = new Main(out, err, System.in).format(arguments.toArray(String[]::new));
    if (exit != 0 && !apply) {
      err.println("The files named above are not formatted. Run: ./kiri format");
    }
    out.flush();
    err.flush();
    System.exit(exit);
  }

  private static List<Path> javaFilesBelow(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(path -> path.toString().endsWith(".java") && !isGenerated(path))
          .sorted()
          .toList();
    }
  }

  private static boolean isGenerated(Path path) {
    return StreamSupport.stream(path.spliterator(), false).anyMatch(Path.of("target")::equals);
  }

  /// The formatter takes a Markdown documentation line for an ordinary comment and, where it is too
  /// long, goes on with `//`, which cuts the documentation in two. So those lines are wrapped
  /// first.
  private static void wrapDocumentation(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> wrapped = lines.stream().flatMap(line -> wrap(line).stream()).toList();
    if (!wrapped.equals(lines)) {
      Files.writeString(file, String.join("\n", wrapped) + "\n");
    }
  }

  private static List<String> wrap(String line) {
    String indent = line.substring(0, line.length() - line.stripLeading().length());
    int cut = line.lastIndexOf(' ', WIDTH);
    boolean fits = line.length() <= WIDTH || !line.startsWith("/// ", indent.length());
    if (fits || cut <= indent.length() + "///".length()) {
      return List.of(line);
    }
    var lines = new ArrayList<String>();
    lines.add(line.substring(0, cut).stripTrailing());
    lines.addAll(wrap(indent + "/// " + line.substring(cut + 1)));
    return lines;
  }
}
