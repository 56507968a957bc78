/// The connections that are open now: for the dump, for policy changes, for the end of a pod.
///
/// [LiveConnections] keeps one set for each event loop, touched on that loop only, so the data path
/// takes no lock; questions from outside are asked on the loops.
@NullMarked
package dev.kiri.ztunnel.connections;

import org.jspecify.annotations.NullMarked;
