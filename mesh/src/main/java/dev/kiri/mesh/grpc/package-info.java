/// The way to a control plane: addresses, trust, tokens, headers and channels. The only package
/// that knows gRPC's transport.
///
/// Blocking calls, made for virtual threads. One event loop thread serves all channels of a
/// process, with small windows, so that a node proxy stays small.
@NullMarked
package dev.kiri.mesh.grpc;

import org.jspecify.annotations.NullMarked;
