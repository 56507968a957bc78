import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Takes the signatures off the jars of a folder: `java UnsignedJars.java FOLDER`.
///
/// The JVM keeps no class of a signed jar in a start-up cache, and reading one holds a manifest
/// with an entry for each class on the heap for good. Maven has checked the jar when it was
/// fetched. The original, which may be a link into Maven's repository, is replaced and not written
/// to.
final class UnsignedJars {
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|DSA|RSA|EC)");

  private UnsignedJars() {}

  public static void main(String[] arguments) throws IOException {
    try (var jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
      for (var jar : jars) {
        if (isSigned(jar)) {
          strip(jar);
        }
      }
    }
  }

  private static boolean isSigned(Path path) throws IOException {
    try (var jar = new JarFile(path.toFile(), false)) {
      return jar.stream().anyMatch(entry -> SIGNATURE.matcher(entry.getName()).matches());
    }
  }

  private static void strip(Path path) throws IOException {
    var stripped = path.resolveSibling(path.getFileName() + ".unsigned");
    try (var jar = new JarFile(path.toFile(), false);
        var out = new ZipOutputStream(Files.newOutputStream(stripped))) {
      var manifest = new Manifest();
      manifest.getMainAttributes().putAll(jar.getManifest().getMainAttributes());
      out.putNextEntry(entry(JarFile.MANIFEST_NAME, 0));
      manifest.write(out);
      for (var entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        var name = entry.getName();
        if (!name.equals(JarFile.MANIFEST_NAME) && !SIGNATURE.matcher(name).matches()) {
          out.putNextEntry(entry(name, entry.getTime()));
          try (var content = jar.getInputStream(entry)) {
            content.transferTo(out);
          }
        }
      }
    }
    Files.move(stripped, path, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ZipEntry entry(String name, long time) {
    var entry = new ZipEntry(name);
    entry.setTime(time);
    return entry;
  }
}
