package dev.kiri.ops.admin;

import java.net.InetSocketAddress;

/// An operator's port could not be bound; the message names component, address and cause.
public final class AdminBindException extends RuntimeException {
  AdminBindException(String component, InetSocketAddress address, Throwable cause) {
    super(
        "failed to bind to address "
            + address.getHostString()
            + ":"
            + address.getPort()
            + " ("
            + component
            + "): "
            + cause.getMessage(),
        cause);
  }
}
