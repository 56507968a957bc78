package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.nested.NestedTunnels;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.ztunnel.connections.LiveConnections;
import dev.kiri.ztunnel.inbound.InboundDecider;

/// What the connections of one pod need. Immutable; its parts are thread-safe or per loop.
record Pod(
    NodeServices node,
    LocalWorkload local,
    PodDialer dialer,
    HbonePool pool,
    NestedTunnels nested,
    InboundDecider inbound,
    LiveConnections live) {}
