package dev.kiri.redirect.netns;

/// Which of Netty's Linux transports the sockets are for: an event loop serves only channels of its
/// own kind.
public enum SocketTransport {
  EPOLL,
  IO_URING
}
