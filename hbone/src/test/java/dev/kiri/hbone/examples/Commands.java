package dev.kiri.hbone.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A command of the README: run from the top of the repository as it stands there, with the PEM
/// files of a folder and, for `target/kiri/lib`, this build's classes and what they stand on.
/// Immutable.
record Commands(List<String> words, Path pemFiles) {
  private static final Path TOP = Path.of("..");

  Commands(String line, Path pemFiles) {
    this(Pattern.compile("\\s+").splitAsStream(line).toList(), pemFiles);
  }

  /// The lines that begin with `java`, in their order; lines that go on are joined.
  static List<String> ofReadme() throws IOException {
    var text = Files.readString(TOP.resolve("hbone/README.md")).replace("\\\n", " ");
    return text.lines().filter(line -> line.startsWith("java -cp ")).toList();
  }

  /// With another word in the place of one.
  Commands at(String word, String other) {
    return new Commands(
        words.stream().map(each -> each.equals(word) ? other : each).toList(), pemFiles);
  }

  Process start() throws IOException {
    var command = new ArrayList<String>();
    for (var word : words) {
      command.add(
          switch (word) {
            case "java" -> Path.of(System.getProperty("java.home"), "bin", "java").toString();
            case "'target/kiri/lib/*'" -> library();
            default -> word.endsWith(".pem") ? pemFiles.resolve(word).toString() : word;
          });
    }
    return new ProcessBuilder(command)
        .directory(TOP.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Neither tests nor what only they need.
  private static String library() {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .filter(
            entry ->
                entry.endsWith("/hbone/target/classes")
                    || entry.contains("/netty-") && !entry.contains("/netty-pkitesting")
                    || entry.contains("/bcprov")
                    || entry.contains("/bcpkix")
                    || entry.contains("/bcutil"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
