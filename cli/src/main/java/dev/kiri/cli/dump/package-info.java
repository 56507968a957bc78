/// Answers what a node proxy said of itself: its `config_dump`, read leniently, and the tables and
/// selections made of it.
///
/// Entry type: `ConfigDump`. Pure, immutable, thread-safe. Upstream's contract: element lists may
/// be arrays or objects, keys are matched without regard to case, unknown keys are passed through.
@NullMarked
package dev.kiri.cli.dump;

import org.jspecify.annotations.NullMarked;
