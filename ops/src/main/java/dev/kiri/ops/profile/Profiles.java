package dev.kiri.ops.profile;

import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/// Profiles of this process: a recording of its threads, and what its heap consists of.
/// Thread-safe; nothing is loaded or measured before somebody asks.
///
/// The parameters are those of upstream's `/debug/pprof` (istio/ztunnel `src/admin.rs`); the
/// answers are a flight recording (`jfr print`, JDK Mission Control) and a class histogram. Neither
/// has the contents of memory in it, where private keys are.
public final class Profiles {
  private static final String BUSY = "a profile is being taken already\n";

  private final AtomicBoolean recording = new AtomicBoolean();

  /// `seconds` of what threads do, sampled `frequency` times a second.
  public AdminHandler cpu() {
    return this::cpu;
  }

  /// Objects by class, those in use only.
  public AdminHandler heap() {
    return request -> AdminResponse.text(200, histogram());
  }

  private AdminResponse cpu(AdminRequest request) throws IOException, InterruptedException {
    int seconds = number(request.parameter("seconds"), 10, 300);
    if (seconds < 1) {
      return AdminResponse.text(400, "invalid seconds value; expected 1-300\n");
    }
    int frequency = number(request.parameter("frequency"), 100, 1000);
    if (frequency < 1) {
      return AdminResponse.text(400, "invalid frequency value; expected 1-1000\n");
    }
    if (!recording.compareAndSet(false, true)) {
      return AdminResponse.text(429, BUSY);
    }
    try {
      return recorded(Duration.ofSeconds(seconds), Duration.ofSeconds(1).dividedBy(frequency));
    } finally {
      recording.set(false);
    }
  }

  private static AdminResponse recorded(Duration length, Duration period)
      throws IOException, InterruptedException {
    var file = Files.createTempFile("profile", ".jfr");
    try (var profile = new Recording()) {
      profile.enable("jdk.ExecutionSample").withPeriod(period);
      profile.enable("jdk.NativeMethodSample").withPeriod(period);
      profile.enable("jdk.ThreadCPULoad").withPeriod(Duration.ofSeconds(1));
      profile.enable("jdk.GarbageCollection").withoutThreshold();
      profile.start();
      Thread.sleep(length);
      profile.stop();
      profile.dump(file);
    } catch (IOException | RuntimeException failed) {
      Files.deleteIfExists(file);
      throw failed;
    }
    return new AdminResponse(
        200,
        Map.of(
            "content-type",
            "application/octet-stream",
            "content-disposition",
            "attachment; filename=\"profile.jfr\""),
        out -> sendAndDelete(file, out));
  }

  private static void sendAndDelete(Path file, java.io.OutputStream out) throws IOException {
    try {
      Files.copy(file, out);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static String histogram() throws JMException {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
  }

  /// 0 for what is not within 1 and `most`.
  private static int number(@Nullable String text, int absent, int most) {
    if (text == null) {
      return absent;
    }
    try {
      int number = Integer.parseInt(text);
      return number > most ? 0 : number;
    } catch (NumberFormatException malformed) {
      return 0;
    }
  }
}
