/// Answers whether this machine can carry a mesh, before anything on it is changed.
///
/// `Machine` looks (programs, kernel, namespaces, rules, ports), `MachineFacts` is what it saw, and
/// `Fitness` is the verdict: pure, with one remedy for each thing that is missing.
@NullMarked
package dev.kiri.local.machine;

import org.jspecify.annotations.NullMarked;
