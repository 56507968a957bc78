/// Answers how a command shows what it found: aligned tables for people, JSON and YAML for
/// programs, and a failure with its exit code.
///
/// Entry types: `Table`, `Format`. Everything here is pure and thread-safe but `Table`, which
/// belongs to the command that fills it.
@NullMarked
package dev.kiri.cli.output;

import org.jspecify.annotations.NullMarked;
