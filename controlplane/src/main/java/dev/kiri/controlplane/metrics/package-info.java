/// What does the control plane count? Families under upstream's names (controlplane.md 18), one
/// class
/// for each part that is observed. Thread-safe.
@NullMarked
package dev.kiri.controlplane.metrics;

import org.jspecify.annotations.NullMarked;
