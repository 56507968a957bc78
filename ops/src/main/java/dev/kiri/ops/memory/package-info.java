/// What a process can do about its own memory beyond the collector: when it may give back what it
/// needs no longer, freed native memory and pages of files that only its start needed.
@NullMarked
package dev.kiri.ops.memory;

import org.jspecify.annotations.NullMarked;
