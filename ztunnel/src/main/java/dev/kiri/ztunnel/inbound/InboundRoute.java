package dev.kiri.ztunnel.inbound;

import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The way of an admitted connection, and what logs and labels say about it. Immutable.
///
/// `connection` is what policy saw, `dial` where the application listens, `bind` the address to
/// connect from (absent: the pod's own). `source` is the peer's workload if it is known by address,
/// `told` what the peer said about itself otherwise.
public record InboundRoute(
    Workload destination,
    @Nullable Service service,
    @Nullable Workload source,
    @Nullable Baggage told,
    L4Connection connection,
    InetSocketAddress dial,
    @Nullable InetAddress bind,
    @Nullable ProxyHeader proxyHeader) {}
