/// Tunnels inside streams of other tunnels: how a connection reaches a workload of another network
/// (double HBONE).
///
/// Entry type: [dev.kiri.hbone.nested.NestedTunnels]. Everything about one connection, both tunnels
/// included, happens on one event loop.
@NullMarked
package dev.kiri.hbone.nested;

import org.jspecify.annotations.NullMarked;
