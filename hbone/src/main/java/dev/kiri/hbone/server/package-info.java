/// Accepting tunnels: TLS, HTTP/2 and CONNECT requests of an accepted TCP channel.
///
/// Entry type: [dev.kiri.hbone.server.HboneServer]; the program decides about each request in its
/// [dev.kiri.hbone.server.ConnectListener], on the loop of the tunnel.
@NullMarked
package dev.kiri.hbone.server;

import org.jspecify.annotations.NullMarked;
