/// The training run that an ahead-of-time cache is recorded from.
///
/// Every program accepts `--aot-train`: it does, on the loopback interface and without any outside
/// world, what it does most, and ends. [AotTraining] is the frame of such a run.
@NullMarked
package dev.kiri.ops.training;

import org.jspecify.annotations.NullMarked;
