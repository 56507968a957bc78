package dev.kiri.redirect.rules;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs the `nft` binary, in this process's namespace or in a pod's. Thread-safe.
///
/// The child changes namespace by itself, with `nsenter`. Starting it from a thread inside the pod
/// would do too, but the JDK's process reaper thread, made on that occasion, would stay in the pod
/// and keep its namespace alive long after the pod is gone.
public final class Commands {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int MAX_OUTPUT = 8 * 1024 * 1024;

  private final Path nft;
  private final Path nsenter;

  public Commands(Path nft, Path nsenter) {
    this.nft = nft;
    this.nsenter = nsenter;
  }

  /// What a command that ended well printed.
  ///
  /// @param netns where it runs; null for here
  /// @throws RulesException when it ends with an error, which the message quotes, or not in time
  String nft(@Nullable PodNetns netns, String input, String... arguments) throws RulesException {
    var command = new ArrayList<String>();
    if (netns == null) {
      command.add(nft.toString());
      command.addAll(List.of(arguments));
      return run(command, input);
    }
    return netns.withDescriptor(
        descriptor -> {
          var self = ProcessHandle.current().pid();
          command.add(nsenter.toString());
          command.add("--net=/proc/" + self + "/fd/" + descriptor.number());
          command.add("--");
          command.add(nft.toString());
          command.addAll(List.of(arguments));
          return run(command, input);
        });
  }

  private static String run(List<String> command, String input) throws RulesException {
    var what = String.join(" ", command);
    try {
      var process = new ProcessBuilder(command).start();
      try {
        var output = reading(process.getInputStream());
        var errors = reading(process.getErrorStream());
        write(process, input);
        if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new RulesException(what + " did not end within " + LIMIT.toSeconds() + " s");
        }
        var printed = output.get();
        var complaint = errors.get();
        if (process.exitValue() != 0) {
          throw new RulesException(what + " failed: " + complaint.strip());
        }
        return printed;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException failed) {
      throw failed instanceof RulesException known
          ? known
          : new RulesException("running " + what, failed);
    } catch (ExecutionException failed) {
      throw new RulesException("reading what " + what + " prints", failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RulesException("interrupted while running " + what, interrupted);
    }
  }

  private static void write(Process process, String input) {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // The command ended before it read everything; its exit code and complaint say why.
    }
  }

  private static FutureTask<String> reading(InputStream stream) {
    var task =
        new FutureTask<>(() -> new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8));
    Thread.ofVirtual().start(task);
    return task;
  }
}
