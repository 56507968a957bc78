package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.local.api.MeshException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// Runs `kirictl` in this process. Waiting costs no time: it moves the clock.
final class Cli {
  static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

  private final Function<String, Cluster> clusters;
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private String input = "";
  private Runnable whileWaiting = () -> {};

  private Cli(Function<String, Cluster> clusters) {
    this.clusters = clusters;
  }

  static Cli on(Cluster cluster) {
    return new Cli(_ -> cluster);
  }

  static Cli withoutMesh() {
    return new Cli(
        name -> {
          throw new MeshException("no mesh named " + name + " is running: start one");
        });
  }

  Cli reading(String text) {
    input = text;
    return this;
  }

  Cli whileWaiting(Runnable change) {
    whileWaiting = change;
    return this;
  }

  record Result(int code, String out, String err) {}

  Result run(String line) {
    return run(line.split(" "));
  }

  Result run(String... arguments) {
    InstantSource time = now::get;
    var surroundings =
        new Surroundings(
            clusters,
            fixed(time),
            this::pause,
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    var out = new StringWriter();
    var err = new StringWriter();
    var command =
        Kirictl.commandLine(surroundings).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = command.execute(arguments);
    command.getErr().flush();
    return new Result(code, out.toString(), err.toString());
  }

  private static Clock fixed(InstantSource time) {
    return new Clock() {
      @Override
      public ZoneOffset getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(java.time.ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return time.instant();
      }
    };
  }

  private void pause(Duration duration) {
    now.updateAndGet(instant -> instant.plus(duration));
    whileWaiting.run();
  }

  static String resource(String name) {
    try (var in = Cli.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
