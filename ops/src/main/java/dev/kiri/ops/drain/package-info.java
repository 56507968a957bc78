/// How a process ends: a request to end, steps that finish what is running, a deadline, exit.
///
/// [Drain] turns SIGTERM, SIGINT and an operator's request into one orderly sequence with exit code
/// 0.
@NullMarked
package dev.kiri.ops.drain;

import org.jspecify.annotations.NullMarked;
