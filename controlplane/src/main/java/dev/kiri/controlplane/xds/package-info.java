/// The delta discovery server: what do clients hold, and what do they have to be told?
///
/// [ResourceTable] holds the encoded resources of one type; [DiscoveryServer] serves them over
/// streams. A client's stream remembers only what it still has to be told, so a slow client costs
/// one bounded set of names and delays nobody. Tables are thread-safe; a stream is served by one
/// virtual thread.
@NullMarked
package dev.kiri.controlplane.xds;

import org.jspecify.annotations.NullMarked;
