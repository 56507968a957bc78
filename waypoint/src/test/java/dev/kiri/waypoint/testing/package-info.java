/// A waypoint with real sockets on both sides, and the small servers and clients its tests need.
@NullMarked
package dev.kiri.waypoint.testing;

import org.jspecify.annotations.NullMarked;
