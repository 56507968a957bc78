/// From `kiri.waypoint.v1` resources to a [Program]: the immutable thing that decides about
/// requests.
///
/// [ConfigStore] keeps the accepted resources, refuses what it does not understand with a text that
/// names object and field, and publishes one new program per change. Everything here runs off the
/// data path.
@NullMarked
package dev.kiri.waypoint.config;

import org.jspecify.annotations.NullMarked;
