/// An Envoy that plays the waypoint beside ours, in the same mesh and the same run.
///
/// Entry types: `EnvoyPod` (the objects that put it into the mesh) and `EnvoyMain` (inside its pod:
/// gets a certificate, writes the configuration, runs the executable).
@NullMarked
package dev.kiri.bench.envoy;

import org.jspecify.annotations.NullMarked;
