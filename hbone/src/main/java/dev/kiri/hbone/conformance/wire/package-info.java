/// The examiner's own HTTP/2: blocking sockets, the JDK's TLS, frames made by hand.
///
/// Shares nothing with the tunnels it examines, so that one mistake cannot hide on both sides, and
/// can send what no tunnel would.
@NullMarked
package dev.kiri.hbone.conformance.wire;

import org.jspecify.annotations.NullMarked;
