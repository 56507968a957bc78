/// What is done to a request on its way and to its answer on the way back: one file a step, one
/// ordered list ([Filters]).
///
/// To add a step: write a [Filter], put it into the list. Steps run on the event loop, must not
/// block, and keep nothing between requests.
@NullMarked
package dev.kiri.waypoint.filter;

import org.jspecify.annotations.NullMarked;
