package dev.kiri.it.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Every Java file someone wrote, in all modules.
final class SourceTree {
  private final Path root;
  private final List<Path> files;

  private SourceTree(Path root, List<Path> files) {
    this.root = root;
    this.files = files;
  }

  /// Reads the checkout this test runs in: tests run in their module's folder, one below the root.
  static SourceTree read() {
    Path root = Path.of("").toAbsolutePath().getParent();
    if (root == null || !Files.isRegularFile(root.resolve("kiri"))) {
      throw new IllegalStateException("no checkout of Kiri around " + Path.of("").toAbsolutePath());
    }
    try (Stream<Path> modules = Files.list(root)) {
      return new SourceTree(
          root,
          modules.map(module -> module.resolve("src")).flatMap(SourceTree::javaFiles).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("reading the modules of " + root, e);
    }
  }

  List<Path> files() {
    return files;
  }

  /// The files that are shipped, as opposed to tests.
  List<Path> mainFiles() {
    return files.stream()
        .filter(file -> root.relativize(file).toString().contains("/src/main/"))
        .toList();
  }

  /// The binary names of the top-level classes named after a file.
  Set<String> topLevelClasses() {
    return files.stream().map(this::className).collect(Collectors.toSet());
  }

  /// How a failure names a file.
  String name(Path file) {
    return root.relativize(file).toString();
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /// `module/src/main/java/dev/kiri/Some.java` is `dev.kiri.Some`.
  private String className(Path file) {
    Path inModule = root.relativize(file);
    String path = inModule.subpath(4, inModule.getNameCount()).toString();
    return path.substring(0, path.length() - ".java".length()).replace('/', '.');
  }

  private static Stream<Path> javaFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(path -> path.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + folder, e);
    }
  }
}
