/// Answers how a running mesh is disturbed on request: links cut, packets lost or late.
///
/// Entry type: `Faults`. What it does to the kernel it can undo; the scripts are pure.
@NullMarked
package dev.kiri.local.fault;

import org.jspecify.annotations.NullMarked;
