/// Answers whoever asks with what it saw: the server behind the image `kiri.dev/echo`.
///
/// Entry type: `EchoHost`, one process a mesh. It opens a listener for each declared port inside
/// the pod's network namespace; the protocol is told from the first bytes. Handlers are confined to
/// their channel's event loop; what is answered is decided by `EchoAnswer`, which is pure.
@NullMarked
package dev.kiri.local.echo;

import org.jspecify.annotations.NullMarked;
