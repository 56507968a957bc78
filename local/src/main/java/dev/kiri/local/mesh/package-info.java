/// Answers how a whole mesh runs: the supervisor that lives in the mesh's own namespaces, starts
/// its parts in order, keeps the objects and what runs in step, and answers the command line.
///
/// Entry types: `Supervisor` (the program) and `MeshLoop` (one platform thread that turns changed
/// objects into pods, endpoints, rules and names). Nothing outlives the supervisor's process,
/// because it is (under) the first process of its own process namespace.
@NullMarked
package dev.kiri.local.mesh;

import org.jspecify.annotations.NullMarked;
