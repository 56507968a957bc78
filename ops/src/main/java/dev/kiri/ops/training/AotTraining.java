package dev.kiri.ops.training;

import java.time.Duration;
import java.util.List;

/// A bounded training run. It needs no privileges, no network beyond loopback and no files.
public final class AotTraining {
  /// The argument that asks for it.
  public static final String FLAG = "--aot-train";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private AotTraining() {}

  /// What a program exercises.
  @FunctionalInterface
  public interface Workout {
    void run() throws Exception;
  }

  /// True when the arguments ask for a training run.
  public static boolean requested(String[] arguments) {
    return List.of(arguments).contains(FLAG);
  }

  /// Runs the workout; returns the exit code: 0, or 1 with the failure on standard error. A workout
  /// that hangs ends the process with code 1.
  public static int run(Workout workout) {
    var watchdog = Thread.ofPlatform().daemon().name("aot-watchdog").start(AotTraining::expire);
    try {
      workout.run();
      return 0;
    } catch (Exception failed) {
      System.err.println("training run failed: " + failed);
      failed.printStackTrace();
      return 1;
    } finally {
      watchdog.interrupt();
    }
  }

  private static void expire() {
    try {
      Thread.sleep(LIMIT);
    } catch (InterruptedException finished) {
      return;
    }
    System.err.println("training run did not finish within " + LIMIT);
    Runtime.getRuntime().halt(1);
  }
}
