package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;

/// The peer broke the protocol or a bound: the tunnel ends with GOAWAY and this code. Stackless:
/// the message names what was received.
final class TunnelError extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;

  TunnelError(int code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  static TunnelError protocol(String message) {
    return new TunnelError(H2Error.PROTOCOL_ERROR, message);
  }

  static TunnelError size(String message) {
    return new TunnelError(H2Error.FRAME_SIZE_ERROR, message);
  }

  static TunnelError flow(String message) {
    return new TunnelError(H2Error.FLOW_CONTROL_ERROR, message);
  }

  static TunnelError calm(String message) {
    return new TunnelError(H2Error.ENHANCE_YOUR_CALM, message);
  }

  int code() {
    return code;
  }
}
