package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.cluster.LocalCluster;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;

/// What a command touches besides its arguments.
///
/// @param clusters finds the mesh of a name, or fails with one line for the user
/// @param input what `-` reads from
record Surroundings(
    Function<String, Cluster> clusters, Clock clock, Pause pause, InputStream input) {

  /// Lets time pass between two looks at the cluster.
  @FunctionalInterface
  interface Pause {
    void pause(Duration time) throws InterruptedException;
  }

  static Surroundings ofThisProcess() {
    return new Surroundings(LocalCluster::named, Clock.systemUTC(), Thread::sleep, System.in);
  }
}
