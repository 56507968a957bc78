/// What objects say about themselves: whether, where and by whom they are enforced.
///
/// [Statuses] derives the wanted status of each object as a table over the index, without times;
/// [StatusWriter] adds the times of transition and writes what differs. Reasons and texts are
/// upstream's (controlplane.md 8, 10; gateway-api.md 14), so that tools and people recognise them.
@NullMarked
package dev.kiri.controlplane.status;

import org.jspecify.annotations.NullMarked;
