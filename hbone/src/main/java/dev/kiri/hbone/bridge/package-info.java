/// Moving bytes between an application's TCP channel and a stream, or between two TCP channels.
///
/// Half-close and back-pressure work end to end: a side is read only as fast as the other side
/// takes. Both ends of a bridge live on one event loop; all calls happen there.
@NullMarked
package dev.kiri.hbone.bridge;

import org.jspecify.annotations.NullMarked;
