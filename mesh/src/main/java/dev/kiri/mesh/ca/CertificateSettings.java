package dev.kiri.mesh.ca;

import java.time.Duration;

/// How certificates are asked for and renewed. The defaults are upstream's.
///
/// @param concurrency requests under way at once
/// @param firstRetry pause after a first failure; doubled with each further one
/// @param longestRetry its bound
/// @param steadyAfter time since the first failure after which the longest pause is kept
/// @param spread share by which pauses vary to either side
/// @param earlier share of a certificate's life by which its renewal may come before half of it,
///     at random, so that what was issued together is not renewed together
/// @param impatience a waiting connection has a failed request tried again if the last try is this
///     long ago
public record CertificateSettings(
    int concurrency,
    Duration firstRetry,
    Duration longestRetry,
    Duration steadyAfter,
    double spread,
    double earlier,
    Duration impatience) {

  public static final CertificateSettings DEFAULT =
      new CertificateSettings(
          8,
          Duration.ofSeconds(1),
          Duration.ofSeconds(150),
          Duration.ofMinutes(15),
          0.2,
          0.05,
          Duration.ofSeconds(5));
}
