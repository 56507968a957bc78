/// The line per connection or request that operators read, and the writer below all log lines.
///
/// An [AccessLine] is put together on the event loop that saw the connection end and handed to
/// [LineWriter], which never makes its caller wait: a bounded queue, one writing thread, and a
/// count of the lines that found the queue full. Layout and field order of a line are upstream's;
/// the fields themselves are the caller's.
@NullMarked
package dev.kiri.ops.accesslog;

import org.jspecify.annotations.NullMarked;
