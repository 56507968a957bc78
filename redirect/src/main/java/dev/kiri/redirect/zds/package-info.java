/// How the redirect agent tells the ztunnel of its node which pods to serve, and hands over their
/// namespaces.
///
/// One protobuf message a packet on a `SOCK_SEQPACKET` Unix socket, a request and its answer at a
/// time; the namespace descriptor of a pod travels on the packet that adds it.
/// [dev.kiri.redirect.zds.ZdsServer] is the agent's end, [dev.kiri.redirect.zds.ZdsClient]
/// ztunnel's, [dev.kiri.redirect.zds.PodProxies] what ztunnel keeps behind it. Each connection has
/// one platform thread, which alone reads and writes. Same as upstream's `istio.workload.zds`.
@NullMarked
package dev.kiri.redirect.zds;

import org.jspecify.annotations.NullMarked;
