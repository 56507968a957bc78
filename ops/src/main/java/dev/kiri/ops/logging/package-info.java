/// The process's own log: SLF4J over Logback, in upstream's line layout, with levels that can be
/// changed while the process runs.
///
/// [Logging] is started once, first thing in a program. A logger's scope is its name without
/// `dev.kiri.` and without the class; a [LogFilter] sets a default level and levels for scopes.
@NullMarked
package dev.kiri.ops.logging;

import org.jspecify.annotations.NullMarked;
