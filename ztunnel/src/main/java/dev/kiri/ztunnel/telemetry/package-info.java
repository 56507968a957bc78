/// What is told about a connection: one access-log line and the traffic metrics.
///
/// A connection opens a [ConnectionReport] with its [ConnectionFacts] and closes it with its
/// outcome; lines, label names and their order are upstream's (istio/ztunnel
/// `src/proxy/metrics.rs`). Reports are confined to the connection's event loop, [Telemetry] is
/// shared by all.
@NullMarked
package dev.kiri.ztunnel.telemetry;

import org.jspecify.annotations.NullMarked;
