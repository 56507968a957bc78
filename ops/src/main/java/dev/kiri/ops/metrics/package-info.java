/// The process's metrics: one registry and its text.
///
/// [Metrics] owns a Prometheus registry that the parts of a process register their families with,
/// and answers scrapes as upstream ztunnel does: OpenMetrics text in every case, only the media
/// type is negotiated. Names and labels are the caller's and are printed unchanged.
@NullMarked
package dev.kiri.ops.metrics;

import org.jspecify.annotations.NullMarked;
