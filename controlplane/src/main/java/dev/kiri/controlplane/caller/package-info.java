/// Who is calling?
///
/// A [Caller] is a service account that has proven itself, by a token of the cluster
/// ([TokenVerifier]) or by a certificate of the mesh. [CallerInterceptor] puts it into the gRPC
/// context of a call, and refuses calls without proof. Thread-safe.
@NullMarked
package dev.kiri.controlplane.caller;

import org.jspecify.annotations.NullMarked;
