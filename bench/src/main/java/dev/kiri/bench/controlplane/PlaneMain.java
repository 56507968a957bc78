package dev.kiri.bench.controlplane;

import dev.kiri.controlplane.ControlPlane;
import dev.kiri.controlplane.ControlPlaneSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The process that is measured: a control plane over [GeneratedPlatform]. Says how many
/// milliseconds its start took and where it listens, then serves until its input ends.
public final class PlaneMain {
  private PlaneMain() {}

  /// Takes folder, number of pods and number of services.
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    GeneratedPlatform platform =
        new GeneratedPlatform(
            folder, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    ControlPlaneSettings settings =
        ControlPlaneSettings.of(
            new String[0],
            Map.of(
                "KIRI_LISTEN_ADDRESS", "127.0.0.1",
                "KIRI_SECURE_PORT", "0",
                "KIRI_HTTP_PORT", "0",
                "KIRI_MONITORING_PORT", "0"));
    long began = System.nanoTime();
    try (ControlPlane plane = ControlPlane.start(platform, settings, Clock.systemUTC(), "bench")) {
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      Files.writeString(folder.resolve("root.pem"), plane.rootPem());
      System.out.println("ready " + millis + " " + plane.securePort());
      while (System.in.read() >= 0) {
        // nothing is said to it
      }
    }
  }
}
