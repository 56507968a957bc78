/// Answers how a command, a test or a benchmark talks to a running local mesh.
///
/// Entry type: `LocalMesh`, found by name. The conversation runs over a Unix socket in the mesh's
/// state folder: one JSON line
/// asks, JSON lines of progress follow, one JSON line with a result or an error ends it. All types
/// are thread-safe.
@NullMarked
package dev.kiri.local.api;

import org.jspecify.annotations.NullMarked;
