/// Answers what `kirictl` can be asked: one file a command, in the words, tables and exit codes of
/// upstream's command line.
///
/// Entry type: `Kirictl`. A command runs on the main thread, blocks, and ends the process with 0
/// (done), 1 (failed), 64 (not understood) or 65 (unreadable input). Facts go to standard output,
/// errors to standard error as `Error: ...`. Mirrors `istioctl waypoint` and `istioctl
/// ztunnel-config`.
@NullMarked
package dev.kiri.cli;

import org.jspecify.annotations.NullMarked;
