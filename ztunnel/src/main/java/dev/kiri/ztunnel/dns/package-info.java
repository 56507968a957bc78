/// Which names of the mesh have which addresses, for pods that ask, and the way to the name servers
/// for everything else.
///
/// [DnsProxy] is what all pods of a node share, [PodDns] what listens in one. [LocalNames] decides
/// (pure, istio/ztunnel `src/dns/server.rs`), [QueryReader] and [ReplyWriter] are the wire,
/// [Forwarder] asks others. Everything of a pod runs on one event loop and is bounded: see
/// [PodDns].
@NullMarked
package dev.kiri.ztunnel.dns;

import org.jspecify.annotations.NullMarked;
