package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import org.jspecify.annotations.Nullable;

/// A complete request head, checked and without hop-by-hop fields.
///
/// @param head the receiver's until the exchange is over
/// @param end whether no body follows
/// @param upgrade the protocol the client wants to switch to, lower case; null for an ordinary
///     request
/// @param connect whether this is a CONNECT
public record RequestStart(Head head, boolean end, @Nullable String upgrade, boolean connect) {}
