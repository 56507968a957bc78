/// One pod's share of the node proxy: its sockets, its listeners, its tunnels.
///
/// [PodProxy] is everything that serves one pod, made inside that pod's network namespace and gone
/// with it. [NodeServices] is what all pods of a node have in common. Connections live on the event
/// loop that accepted them.
@NullMarked
package dev.kiri.ztunnel.pod;

import org.jspecify.annotations.NullMarked;
