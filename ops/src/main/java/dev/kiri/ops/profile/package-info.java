/// What a process spends its time and memory on, for operators who ask its admin port.
///
/// [Profiles] answers under upstream's paths with what this machine has instead of pprof.
@NullMarked
package dev.kiri.ops.profile;

import org.jspecify.annotations.NullMarked;
