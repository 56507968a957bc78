/// A small HTTP/1.1 server for operators: admin, metrics and readiness.
///
/// [AdminServer] reads requests on an event loop, runs each handler on a virtual thread and keeps
/// at most a bounded number of connections and bytes. It carries no mesh traffic. Bounds are
/// upstream ztunnel's: 8 KiB of request head, two seconds to send it.
@NullMarked
package dev.kiri.ops.admin;

import org.jspecify.annotations.NullMarked;
