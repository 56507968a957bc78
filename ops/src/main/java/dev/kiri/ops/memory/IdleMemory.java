package dev.kiri.ops.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives back what starting, a load or a large configuration has left behind, as soon as the
/// process rests: garbage, what the C library keeps after it was freed, and pages of files that
/// were only read. A collection stops the process for some ten milliseconds, so nothing is done
/// while there is work.
public final class IdleMemory {
  private static final Logger LOG = LoggerFactory.getLogger(IdleMemory.class);
  private static final Path STAT = Path.of("/proc/self/stat");
  private static final Duration LOOK = Duration.ofSeconds(2);

  /// `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Java runs on.
  private static final long MILLIS_PER_TICK = 10;

  private IdleMemory() {}

  /// Looks every two seconds for as long as the process lives; on a system without `/proc`, never.
  public static void watch() {
    Thread.ofVirtual().name("idle-memory").start(IdleMemory::look);
  }

  private static void look() {
    var rest = new Rest();
    try {
      while (true) {
        Thread.sleep(LOOK);
        if (rest.begins(cpuMillis(Files.readString(STAT)), LOOK.toMillis())) {
          giveBack();
        }
      }
    } catch (IOException untold) {
      LOG.debug("memory is kept when idle: {}", untold.getMessage());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /// Gives back what can be given back now.
  ///
  /// @throws IOException if the kernel does not tell about mappings or refuses
  public static void giveBack() throws IOException {
    System.gc();
    NativeHeap.trim();
    LOG.debug("gave back {} bytes of files", FilePages.giveBack());
  }

  /// User and system time out of the text of `/proc/PID/stat` (proc_pid_stat(5)), where the name of
  /// the program may hold anything but ends with the last parenthesis.
  static long cpuMillis(String stat) {
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 14);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MILLIS_PER_TICK;
  }
}
