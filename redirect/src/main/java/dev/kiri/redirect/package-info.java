/// The node agent's program. It captures the traffic of the pods of its node that belong to the
/// mesh: rules in each pod's network namespace, and the namespace handed to the node's ztunnel. See
/// the packages `agent`, `rules`, `zds`, `netns` and `sys`, from the top down.
@NullMarked
package dev.kiri.redirect;

import org.jspecify.annotations.NullMarked;
