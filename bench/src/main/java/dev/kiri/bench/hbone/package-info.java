/// Answers what one stream, one byte and one handshake of HBONE cost, without a mesh around them.
///
/// Entry type: `HboneBench` (`./kiri bench hbone`). Garbage is counted by JMH, memory and processor
/// time by the JVM; everything runs in one process over loopback, with real sockets and real TLS.
@NullMarked
package dev.kiri.bench.hbone;

import org.jspecify.annotations.NullMarked;
