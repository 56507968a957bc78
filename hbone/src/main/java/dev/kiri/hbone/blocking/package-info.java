/// Streams for threads that block: an input and an output stream over one CONNECT stream.
///
/// Entry types: [dev.kiri.hbone.blocking.HboneSocket] and, for servers,
/// [dev.kiri.hbone.blocking.SocketListener]. The proxies do not use this package: its hand-over
/// between a thread and an event loop costs what they must not pay.
@NullMarked
package dev.kiri.hbone.blocking;

import org.jspecify.annotations.NullMarked;
