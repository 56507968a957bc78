/// A guest in Netty's package: one workaround that needs a package-private method.
///
/// See [io.netty.channel.epoll.HalfCloseRegistration]; its test shows the defect and its absence.
@NullMarked
package io.netty.channel.epoll;

import org.jspecify.annotations.NullMarked;
