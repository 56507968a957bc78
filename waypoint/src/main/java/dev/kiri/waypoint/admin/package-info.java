/// The pages of the admin port: what the waypoint was told, what it made of it, and what it would
/// decide.
@NullMarked
package dev.kiri.waypoint.admin;

import org.jspecify.annotations.NullMarked;
