/// Answers how a command reaches what it speaks about: objects, and admin ports of proxies.
///
/// Entry type: `Cluster`; `LocalCluster` is a mesh started by `./kiri up`. Calls block until the
/// answer is there, and fail with one line that a user can act on.
@NullMarked
package dev.kiri.cli.cluster;

import org.jspecify.annotations.NullMarked;
