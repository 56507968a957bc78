/// Answers how fast the mesh is on this machine, beside the same machine without it.
///
/// Entry type: `Main` (`./kiri bench`). It starts a mesh of its own through `./kiri up`, runs
/// bounded loads inside its pods, outside and inside the mesh in turns, and takes it down again.
/// One thread; figures are facts of one run and are given with the ratio to the direct path.
@NullMarked
package dev.kiri.bench;

import org.jspecify.annotations.NullMarked;
