/// Network namespaces: holding on to a pod's, working inside it, and making sockets there.
///
/// Entry types: [dev.kiri.redirect.netns.PodNetns] and [dev.kiri.redirect.netns.NamespaceSockets].
/// A namespace belongs to an operating system thread. Work inside one runs on a platform thread,
/// never on a virtual one, starts no thread while it is there, and comes back; a thread that cannot
/// come back ends the process.
@NullMarked
package dev.kiri.redirect.netns;

import org.jspecify.annotations.NullMarked;
