package dev.kiri.redirect.net;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program of ours, mostly the agent's, as a process of its own, in a node's namespace.
public final class AgentProcess implements AutoCloseable {
  private final Process process;
  private final Path log;

  private AgentProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// Starts it in a namespace, with these variables only besides `PATH`.
  public static AgentProcess start(PodNetns node, Path log, Map<String, String> environment)
      throws IOException {
    return start(List.of("nsenter", "--net=" + TestNetwork.path(node), "--"), log, environment);
  }

  /// Starts it behind a prefix of other commands.
  public static AgentProcess start(
      List<String> prefix, Path log, Map<String, String> environment, String... arguments)
      throws IOException {
    return start("dev.kiri.redirect.RedirectMain", prefix, log, environment, arguments);
  }

  /// Starts another program in a namespace.
  public static AgentProcess start(
      String mainClass, PodNetns node, Path log, Map<String, String> environment)
      throws IOException {
    var prefix = List.of("nsenter", "--net=" + TestNetwork.path(node), "--");
    return start(mainClass, prefix, log, environment);
  }

  private static AgentProcess start(
      String mainClass,
      List<String> prefix,
      Path log,
      Map<String, String> environment,
      String... arguments)
      throws IOException {
    var command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            mainClass));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    // Tests have another logging library beside the program's own.
    builder
        .environment()
        .put(
            "JDK_JAVA_OPTIONS",
            "-Dslf4j.provider=ch.qos.logback.classic.spi.LogbackServiceProvider");
    builder.environment().putAll(environment);
    return new AgentProcess(builder.start(), log);
  }

  public String log() throws IOException {
    return Files.readString(log);
  }

  /// Waits for it to end by itself.
  public int exitCode() throws InterruptedException {
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the process still runs");
    }
    return process.exitValue();
  }

  /// Asks it to end, as a cluster does.
  public int terminate() throws InterruptedException {
    process.destroy();
    return exitCode();
  }

  /// Ends it without a word.
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
