package dev.kiri.controlplane.xds;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets few streams at a time say their first words: a client that comes back names every resource
/// it has, which with 100 000 pods takes seven megabytes on the wire and many times that to read,
/// and after a restart all clients come back at once. Thread-safe.
final class Admission {
  /// Messages of a stream that need a permit: clients of the mesh open with one a type.
  static final int MESSAGES = 2;

  /// How long a permit is kept for a client that says nothing.
  static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final int AT_A_TIME = 4;

  private final Semaphore permits = new Semaphore(AT_A_TIME, true);

  void acquire() throws InterruptedException {
    permits.acquire();
  }

  void release() {
    permits.release();
  }
}
