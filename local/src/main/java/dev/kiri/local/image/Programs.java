package dev.kiri.local.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/// Where Kiri's programs are: the image folder that the launcher built, and how each is started
/// from it. `args/<program>.args` holds JVM flags and class path; the main class follows.
///
/// @param foreignZtunnel what plays the node proxy in place of ours
public record Programs(Path image, Path java, Optional<ForeignZtunnel> foreignZtunnel) {
  private static final Map<String, String> MAIN_CLASSES =
      new TreeMap<>(
          Map.of(
              "controlplane", "dev.kiri.controlplane.ControlPlaneMain",
              "redirect", "dev.kiri.redirect.RedirectMain",
              "ztunnel", "dev.kiri.ztunnel.ZtunnelMain",
              "waypoint", "dev.kiri.waypoint.WaypointMain"));

  /// The image named by the launcher, and the JVM this process runs on.
  public static Programs of(Map<String, String> environment) {
    var image = environment.get("KIRI_IMAGE");
    if (image == null) {
      throw new IllegalStateException("KIRI_IMAGE is not set: start this program through ./kiri");
    }
    return new Programs(
        Path.of(image).toAbsolutePath(),
        Path.of(System.getProperty("java.home"), "bin", "java"),
        ForeignZtunnel.of(environment));
  }

  /// The programs of the mesh that this image holds.
  public Set<String> available() {
    var out = new TreeSet<String>();
    for (var program : MAIN_CLASSES.entrySet()) {
      if (holds(program.getKey(), program.getValue())) {
        out.add(program.getKey());
      }
    }
    return out;
  }

  private boolean holds(String program, String mainClass) {
    try (var jars = Files.newDirectoryStream(image.resolve("lib"), "kiri-" + program + "-*.jar")) {
      for (var jar : jars) {
        try (var zip = new ZipFile(jar.toFile())) {
          if (zip.getEntry(mainClass.replace('.', '/') + ".class") != null) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /// The command line of a program of the mesh.
  ///
  /// @param node where it is to run
  public List<String> command(String program, String node) {
    var mainClass = MAIN_CLASSES.get(program);
    if (mainClass == null) {
      throw new IllegalArgumentException("there is no program named " + program);
    }
    if (program.equals("ztunnel")
        && foreignZtunnel.filter(foreign -> foreign.runsOn(node)).isPresent()) {
      return List.of(foreignZtunnel.get().executable().toString());
    }
    return of(program, mainClass);
  }

  /// The command line of kirictl.
  public List<String> kirictl() {
    return of("cli", "dev.kiri.cli.Kirictl");
  }

  /// The command line of another program of this module.
  public List<String> own(Class<?> mainClass) {
    return of("local", mainClass.getName());
  }

  private List<String> of(String component, String mainClass) {
    return new ArrayList<>(
        List.of(
            java.toString(), "@" + image.resolve("args").resolve(component + ".args"), mainClass));
  }
}
