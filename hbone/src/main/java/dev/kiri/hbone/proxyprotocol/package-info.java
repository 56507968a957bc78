/// PROXY protocol version 2: what a proxy tells the program behind it about a connection that it
/// passes on as plain bytes (the sandwiched waypoint's case).
///
/// Pure: bytes and values, no I/O. Entry type: [dev.kiri.hbone.proxyprotocol.ProxyHeader]. Facts
/// are those of HAProxy's `doc/proxy-protocol.txt` section 2.2 and, for the identity, of
/// istio/ztunnel
/// `src/proxy/inbound.rs`.
@NullMarked
package dev.kiri.hbone.proxyprotocol;

import org.jspecify.annotations.NullMarked;
