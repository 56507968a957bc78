/// Whether the process can serve: a set of named tasks, ready when none is pending.
///
/// [Readiness] is thread-safe. Names, texts and the answer's shape are upstream ztunnel's, so that
/// probes and alerts written for it keep working.
@NullMarked
package dev.kiri.ops.readiness;

import org.jspecify.annotations.NullMarked;
