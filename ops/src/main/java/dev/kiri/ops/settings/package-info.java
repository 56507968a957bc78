/// Reads a process's settings from its environment.
///
/// [Settings] hands out one value after another and remembers everything that was wrong, so that a
/// user who made three mistakes reads about three mistakes. Nothing here knows any setting's name.
/// Confined to the thread that starts the process.
@NullMarked
package dev.kiri.ops.settings;

import org.jspecify.annotations.NullMarked;
