/// What operators see of the traffic: one access-log line per request or connection, and upstream's
/// `istio_*` metrics.
@NullMarked
package dev.kiri.waypoint.telemetry;

import org.jspecify.annotations.NullMarked;
