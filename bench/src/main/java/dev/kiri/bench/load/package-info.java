/// Answers what a client sees: load made inside a pod, in a JVM of its own.
///
/// Entry type: `LoadMain`, which prints one JSON line. A platform thread per connection, blocking
/// sockets; nothing is allocated per request but what the sockets need.
@NullMarked
package dev.kiri.bench.load;

import org.jspecify.annotations.NullMarked;
