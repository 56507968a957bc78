package dev.kiri.local.demo;

import dev.kiri.local.api.MeshException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Calls the catalog without pause from inside the web pod, and notes when each version answered.
/// One virtual thread reads; the rest may be called from anywhere.
final class LiveVersions {
  private static final String LOOP =
      "while :; do a=$(curl -s -m 2 http://catalog/); echo \"$(date +%s%3N) $a\"; done";

  /// As many answers in a row prove a split of 90 to 10 wrong.
  private static final int PROOF = 10;

  private record Answer(long atMillis, String version) {}

  private final Shop shop;
  private final List<Answer> answers = new ArrayList<>();
  private @Nullable Process process;

  LiveVersions(Shop shop) {
    this.shop = shop;
  }

  void start() {
    try {
      var begun =
          shop.mesh().exec("shop", shop.pod("shop", "web"), "", List.of("sh", "-c", LOOP)).start();
      process = begun;
      Thread.ofVirtual().name("live").start(() -> read(begun));
    } catch (IOException e) {
      throw new UncheckedIOException("starting the calls", e);
    }
  }

  private void read(Process from) {
    try (var in =
        new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        int space = line.indexOf(' ');
        if (space > 0) {
          var version = Shop.version(line.substring(space + 1)).orElse("");
          synchronized (answers) {
            answers.add(new Answer(Long.parseLong(line.substring(0, space)), version));
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      // stopped
    }
  }

  void awaitFirst() {
    for (int i = 0; i < 200; i++) {
      synchronized (answers) {
        if (!answers.isEmpty()) {
          return;
        }
      }
      Shop.pause(20);
    }
    throw new MeshException("the catalog did not answer at all");
  }

  int failures() {
    synchronized (answers) {
      return Math.toIntExact(answers.stream().filter(a -> a.version().isEmpty()).count());
    }
  }

  /// Milliseconds from a moment to the first of the answers from which on only this version
  /// answers; negative when that did not happen in 5 s.
  long millisUntilAll(String version, long sinceMillis) {
    long until = System.nanoTime() + 5_000_000_000L;
    while (System.nanoTime() < until) {
      synchronized (answers) {
        int row = 0;
        for (int i = answers.size() - 1; i >= 0 && answers.get(i).version().equals(version); i--) {
          row++;
        }
        if (row >= PROOF && answers.get(answers.size() - PROOF).atMillis() > sinceMillis) {
          return Math.max(0, answers.get(answers.size() - row).atMillis() - sinceMillis);
        }
      }
      Shop.pause(20);
    }
    return -1;
  }

  void stop() {
    var running = process;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
    }
  }
}
