/// Tunnels shared by streams: which tunnel a new stream may ride, when another one is dialled, when
/// one is let go.
///
/// Entry type: [dev.kiri.hbone.pool.HbonePool]. Tunnels are shared only between streams with equal
/// [dev.kiri.hbone.pool.TunnelKey] on the same event loop.
@NullMarked
package dev.kiri.hbone.pool;

import org.jspecify.annotations.NullMarked;
