/// One TLS connection with its streams: frames, windows, limits, keep-alive, drain.
///
/// Only as much HTTP/2 as a tunnel needs (RFC 9113), written for bytes that pass through without
/// being looked at. Everything is confined to the event loop of the tunnel's channel. Programs meet
/// this package only through its settings.
@NullMarked
package dev.kiri.hbone.tunnel;

import org.jspecify.annotations.NullMarked;
