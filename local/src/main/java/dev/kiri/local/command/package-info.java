/// Answers the command line: one class a command, each a thin question to a running mesh.
///
/// Entry type: `LocalCommand`, the root of all commands. Results go to standard output, everything
/// else to standard error; exit codes are 0 done, 1 failed, 2 not understood, 3 something missing.
@NullMarked
package dev.kiri.local.command;

import org.jspecify.annotations.NullMarked;
