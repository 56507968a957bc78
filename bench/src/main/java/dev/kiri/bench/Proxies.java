package dev.kiri.bench;

import dev.kiri.local.api.MeshState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// The node proxies of the mesh as processes of this machine: what `/proc` says of them.
record Proxies(List<Long> processes) {
  /// `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Java runs on.
  private static final double TICKS_PER_SECOND = 100;

  Proxies {
    processes = List.copyOf(processes);
  }

  /// @param program what the command line of a proxy names: a main class, or an executable
  static Proxies of(MeshState mesh, String program) {
    var supervisor = mesh.process();
    if (supervisor.isEmpty()) {
      throw new BenchFailed("mesh " + mesh.name() + " has ended");
    }
    return new Proxies(
        supervisor
            .get()
            .descendants()
            .map(ProcessHandle::pid)
            .filter(process -> plays(program, List.of(read(process, "cmdline").split("\0"))))
            .toList());
  }

  /// A main class is one of the arguments; an executable may also be one of the arguments of what
  /// starts it.
  private static boolean plays(String program, List<String> commandLine) {
    return program.contains("/")
        ? commandLine.getFirst().equals(program)
        : commandLine.contains(program);
  }

  /// CPU time of all of them since they started.
  double cpuSeconds() {
    double ticks = 0;
    for (long process : processes) {
      var stat = read(process, "stat");
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime, stime
    }
    return ticks / TICKS_PER_SECOND;
  }

  /// Memory of each, by the field of `/proc/PID/status`: `VmRSS` is all that is resident, `RssAnon`
  /// what no file backs and no other process shares.
  List<Double> megabytes(String field) {
    return processes.stream()
        .map(
            process ->
                read(process, "status")
                        .lines()
                        .filter(line -> line.startsWith(field + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                    / 1024.0)
        .toList();
  }

  /// Adds what each has resident, and how much of it it shares with nobody.
  ///
  /// @param which of them a figure is of, for the unit
  void addMemory(String metric, Variant variant, String which, Results results) {
    for (double megabytes : megabytes("VmRSS")) {
      results.add(metric, variant, "MB resident" + which, megabytes);
    }
    for (double megabytes : megabytes("RssAnon")) {
      results.add(metric + "-own", variant, "MB not shared" + which, megabytes);
    }
  }

  /// The mean of [#megabytes].
  double meanMegabytes(String field) {
    return megabytes(field).stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /// When the last of them was started.
  Instant lastStart() {
    return handles()
        .flatMap(process -> process.info().startInstant().stream())
        .max(Instant::compareTo)
        .orElseThrow(() -> new BenchFailed("no proxy runs"));
  }

  /// Ends all of them at once, and waits until they have gone.
  void kill() {
    handles().forEach(ProcessHandle::destroyForcibly);
    awaitEnd(Duration.ofSeconds(10));
  }

  /// Asks all of them to leave. Returns the seconds until the last one has.
  double terminate(Duration longest) {
    long asked = System.nanoTime();
    handles().forEach(ProcessHandle::destroy);
    awaitEnd(longest);
    return (System.nanoTime() - asked) / 1e9;
  }

  private void awaitEnd(Duration longest) {
    handles()
        .forEach(
            process -> {
              try {
                process.onExit().get(longest.toMillis(), TimeUnit.MILLISECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchFailed("interrupted");
              } catch (ExecutionException | TimeoutException e) {
                throw new BenchFailed("proxy " + process.pid() + " does not end");
              }
            });
  }

  private Stream<ProcessHandle> handles() {
    return processes.stream().flatMap(process -> ProcessHandle.of(process).stream());
  }

  private static String read(long process, String file) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(process), file),
          java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
