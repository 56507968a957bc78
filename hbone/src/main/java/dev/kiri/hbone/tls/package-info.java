/// Mutual TLS of a tunnel: engines for both ends and the verification of the peer.
///
/// Entry type: [dev.kiri.hbone.tls.TlsContexts], immutable and thread-safe. A renewed certificate
/// makes new contexts; tunnels that exist keep theirs.
@NullMarked
package dev.kiri.hbone.tls;

import org.jspecify.annotations.NullMarked;
