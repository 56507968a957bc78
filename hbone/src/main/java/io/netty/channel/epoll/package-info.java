/// A guest in Netty's package, for what needs a package-private method.
///
/// [io.netty.channel.epoll.HalfCloseRegistration] works around a defect; its test shows the defect
/// and its absence. [io.netty.channel.epoll.Readiness] saves waits.
@NullMarked
package io.netty.channel.epoll;

import org.jspecify.annotations.NullMarked;
