/// The L4 node proxy: carries the connections of captured pods into the mesh and out of it.
///
/// [ZtunnelMain] is the program, [Ztunnel] its composition: what is built in which order is the
/// architecture. Everything else lives in the packages below, named after what they decide or do.
@NullMarked
package dev.kiri.ztunnel;

import org.jspecify.annotations.NullMarked;
