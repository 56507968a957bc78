package dev.kiri.ops.metrics;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// `process_open_fds` and `process_max_fds`, read from `/proc/self` at each scrape.
final class ProcessDescriptors {
  private static final Path OPEN = Path.of("/proc/self/fd");
  private static final Path LIMITS = Path.of("/proc/self/limits");

  private ProcessDescriptors() {}

  static void register(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("process_open_fds")
        .help("Number of open file descriptors")
        .callback(callback -> callback.call(open()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("process_max_fds")
        .help("Maximum number of file descriptors")
        .callback(callback -> callback.call(softLimit()))
        .register(registry);
  }

  /// Without the descriptor that reads the directory.
  private static double open() {
    long count = 0;
    try (var entries = Files.newDirectoryStream(OPEN)) {
      for (var entry : entries) {
        count += entry.getFileName() == null ? 0 : 1;
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      return Double.NaN;
    }
    return count - 1.0;
  }

  private static double softLimit() {
    try (Stream<String> lines = Files.lines(LIMITS)) {
      return lines
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[0])
          .mapToDouble(
              soft ->
                  soft.equals("unlimited") ? Double.POSITIVE_INFINITY : Double.parseDouble(soft))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException unreadable) {
      return Double.NaN;
    }
  }
}
