/// Answers how the machines of the mesh are wired: namespaces of nodes, the link between them, the
/// router to the outside, and each pod's interface, addresses and routes.
///
/// Entry types: `Topology` (pure: who has which address) and `Fabric` (makes it so with `ip` and
/// `nft`). `Relay` joins two connections. Everything lives inside the supervisor's own network
/// namespace, so nothing has to be taken down again.
@NullMarked
package dev.kiri.local.network;

import org.jspecify.annotations.NullMarked;
