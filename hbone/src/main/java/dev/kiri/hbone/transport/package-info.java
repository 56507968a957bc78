/// Sockets and event loops: epoll by default, io_uring on request, what to do where neither exists.
///
/// Entry type: [dev.kiri.hbone.transport.NettyTransport]. The documented place for defects of the
/// transports that the data path has to work around.
@NullMarked
package dev.kiri.hbone.transport;

import org.jspecify.annotations.NullMarked;
