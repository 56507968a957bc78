/// The control plane with the objects of a large cluster and a hundred proxies: how long its first
/// index takes, how large it is, how soon a change is on every stream.
///
/// The objects are made up by [GeneratedSource] in the control plane's own process, [PlaneMain],
/// which also reads a folder, where the changes are made. The proxies are streams of another
/// process, which look at no more of a response than they must.
@NullMarked
package dev.kiri.bench.controlplane;

import org.jspecify.annotations.NullMarked;
