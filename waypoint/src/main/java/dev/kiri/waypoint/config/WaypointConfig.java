package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.AccessLog;
import dev.kiri.waypoint.config.v1.Waypoint;
import dev.kiri.waypoint.head.PathNormalization;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/// The waypoint's own settings, compiled.
///
/// @param trustDomains the mesh's trust domain first, then its aliases
/// @param serveServices whether traffic addressed to services is served
/// @param serveWorkloads whether traffic addressed to pods is served
/// @param detectionTimeout how long an undeclared port waits for the client's first bytes
public record WaypointConfig(
    Set<String> trustDomains,
    boolean serveServices,
    boolean serveWorkloads,
    PathNormalization paths,
    boolean ownNamespaceProduces,
    boolean forwardClientIdentity,
    boolean accessLog,
    boolean jsonAccessLog,
    Duration detectionTimeout) {

  /// L5d and others wait longer, upstream for ever: a server-first protocol must not.
  private static final Duration DETECTION = Duration.ofSeconds(1);

  static WaypointConfig of(Waypoint settings, String ownTrustDomain) {
    Set<String> domains = new LinkedHashSet<>();
    domains.add(settings.getTrustDomain().isEmpty() ? ownTrustDomain : settings.getTrustDomain());
    domains.addAll(settings.getTrustDomainAliasesList());
    Waypoint.TrafficType type = settings.getWaypointFor();
    return new WaypointConfig(
        domains,
        type != Waypoint.TrafficType.WORKLOAD && type != Waypoint.TrafficType.NONE,
        type == Waypoint.TrafficType.WORKLOAD || type == Waypoint.TrafficType.ALL,
        switch (settings.getPathNormalization()) {
          case NO_NORMALIZATION -> PathNormalization.NONE;
          case MERGE_SLASHES -> PathNormalization.MERGE_SLASHES;
          case DECODE_AND_MERGE_SLASHES -> PathNormalization.DECODE_AND_MERGE_SLASHES;
          case BASE, PATH_NORMALIZATION_UNSPECIFIED, UNRECOGNIZED -> PathNormalization.BASE;
        },
        settings.getConsumerRoutes() == Waypoint.ConsumerRoutes.WAYPOINT_NAMESPACE_IS_PRODUCER,
        settings.getXfccIncludeClientIdentity(),
        !settings.getAccessLog().getDisabled(),
        settings.getAccessLog().getFormat() == AccessLog.Format.JSON,
        settings.hasProtocolDetectionTimeout()
            ? Durations.of(settings.getProtocolDetectionTimeout())
            : DETECTION);
  }

  public WaypointConfig {
    trustDomains = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(trustDomains));
  }
}
