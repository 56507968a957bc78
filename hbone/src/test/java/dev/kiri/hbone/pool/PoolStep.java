package dev.kiri.hbone.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One thing that happens to a pool. Numbers choose among what there is at that moment.
sealed interface PoolStep {
  record Open(int key) implements PoolStep {}

  record Finish(int stream) implements PoolStep {}

  record Reset(int stream) implements PoolStep {}

  record Cancel(int stream) implements PoolStep {}

  /// The source gets a new certificate.
  record Renew(int source) implements PoolStep {}

  /// The source has no certificate until renewed.
  record Withdraw(int source) implements PoolStep {}

  /// A server drops the tunnels of this source at once.
  record Drop(int source) implements PoolStep {}

  /// A server drains (GOAWAY) and another takes its place, which may be somebody else.
  record Replace(int server, boolean impostor) implements PoolStep {}

  /// The next dials fail before there is a socket.
  record FailDials(int dials) implements PoolStep {}

  record Pause(int micros) implements PoolStep {}

  /// The steps of a seed, the same every time.
  static List<PoolStep> random(long seed, int count) {
    var random = new Random(seed);
    var steps = new ArrayList<PoolStep>(count);
    for (int i = 0; i < count; i++) {
      int any = random.nextInt(1 << 16);
      steps.add(
          switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> new Finish(any);
            case 8, 9, 10 -> new Reset(any);
            case 11, 12 -> new Cancel(any);
            case 13, 14 -> new Renew(any);
            case 15 -> new Withdraw(any);
            case 16 -> new Drop(any);
            case 17 -> new Replace(any, random.nextInt(3) == 0);
            case 18 -> new FailDials(random.nextInt(3));
            case 19, 20, 21 -> new Pause(random.nextInt(3_000));
            default -> new Open(any);
          });
    }
    return steps;
  }
}
