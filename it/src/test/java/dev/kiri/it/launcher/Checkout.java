package dev.kiri.it.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A copy of the launcher with programs that only say how they were called.
final class Checkout {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final int LONGEST_SECONDS = 60;
  private static final String SAYS_HOW_IT_WAS_CALLED = "#!/bin/sh\necho \"$(basename $0) $*\"\n";

  final Path root;
  final Path jdk;
  private final Map<String, String> environment = new HashMap<>();

  /// How a command ended.
  record Outcome(int code, String out, String err) {}

  Checkout(Path folder) throws IOException {
    root = Files.createDirectories(folder.resolve("checkout"));
    for (var file : List.of("kiri", "mvnw", "pom.xml")) {
      copy(REPOSITORY.resolve(file), root.resolve(file));
    }
    for (var part : List.of("launcher", "jvm")) {
      try (var files = Files.list(REPOSITORY.resolve("build").resolve(part))) {
        for (var file : files.toList()) {
          copy(file, root.resolve("build").resolve(part).resolve(file.getFileName().toString()));
        }
      }
    }
    jdk = folder.resolve("jdk");
    makeJdk(jdk);
    for (var program : List.of("nft", "ip", "nsenter", "unshare", "sysctl")) {
      program(folder.resolve("bin").resolve(program), SAYS_HOW_IT_WAS_CALLED);
    }
    program(
        folder.resolve("bin/mvn"),
        """
        #!/bin/sh
        [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
        echo 'mvn was called' >&2
        exit 1
        """);
    environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    environment.put("HOME", folder.resolve("home").toString());
    environment.put("KIRI_JAVA_HOME", jdk.toString());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }

  /// A folder that passes for a JDK 25.
  static void makeJdk(Path folder) throws IOException {
    program(folder.resolve("bin/java"), SAYS_HOW_IT_WAS_CALLED);
    program(folder.resolve("bin/javac"), SAYS_HOW_IT_WAS_CALLED);
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A package manager that writes down what it is asked for, and brings a program.
  Checkout installer(Path file, String brings) throws IOException {
    program(
        file,
        """
        #!/bin/sh
        echo "$*" >> "$0.log"
        [ "$1" != install ] || { echo '#!/bin/sh' > "${0%%/*}/%s"; chmod +x "${0%%/*}/%s"; }
        """
            .formatted(brings, brings));
    return this;
  }

  Checkout with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Checkout without(String name) {
    environment.remove(name);
    return this;
  }

  /// An image as a build leaves it; the newest made is the one in use.
  Path image(String hash) throws IOException {
    var image = root.resolve("target/images").resolve(hash);
    for (var component : List.of("local", "cli")) {
      var flags = image.resolve("args").resolve(component + ".args");
      Files.createDirectories(flags.getParent());
      Files.writeString(flags, "");
    }
    Files.writeString(image.resolve("complete"), hash);
    var link = root.resolve("target/kiri");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of("images", hash));
    Files.writeString(root.resolve("target/kiri.stamp"), "");
    return image;
  }

  /// As when somebody edits a source file after the build.
  void edit() throws IOException {
    var source = root.resolve("local/src/main/java/Edited.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "class Edited {}\n");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
  }

  Outcome kiri(String... arguments) throws IOException, InterruptedException {
    var line = new ArrayList<>(List.of("./kiri"));
    line.addAll(List.of(arguments));
    return run(line);
  }

  /// Runs a command in the checkout, with nothing of this process's environment.
  Outcome run(List<String> line) throws IOException, InterruptedException {
    var out = root.resolveSibling("out").toFile();
    var err = root.resolveSibling("err").toFile();
    var builder =
        new ProcessBuilder(line)
            .directory(root.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out)
            .redirectError(err);
    builder.environment().clear();
    builder.environment().putAll(environment);
    var process = builder.start();
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(line + " did not end");
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(out.toPath(), StandardCharsets.UTF_8),
        Files.readString(err.toPath(), StandardCharsets.UTF_8));
  }
}
