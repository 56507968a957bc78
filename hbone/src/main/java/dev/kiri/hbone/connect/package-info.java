/// The CONNECT request and its answer as values: authority, baggage, forwarded, traceparent.
///
/// Pure: no I/O, no clock. Parsers accept what upstream's proxies send and refuse the rest by a
/// named exception or by absence, as each type says.
@NullMarked
package dev.kiri.hbone.connect;

import org.jspecify.annotations.NullMarked;
