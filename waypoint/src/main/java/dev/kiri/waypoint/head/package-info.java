/// One message head, whatever protocol brought it: bytes in one array and offsets into it.
///
/// [Head] is what everything above works on: routes, policies and filters read and edit it, the
/// protocol sides (`dev.kiri.waypoint.http`) fill it and write it. Nothing here allocates per
/// request once its arrays have grown. A head is confined to the event loop of its stream.
@NullMarked
package dev.kiri.waypoint.head;

import org.jspecify.annotations.NullMarked;
