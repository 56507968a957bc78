/// A whole ambient mesh on one Linux machine, without Kubernetes: the program and its start.
///
/// Entry type: `Main`. What the words of the manifests mean here is documented in `docs/local.md`.
@NullMarked
package dev.kiri.local;

import org.jspecify.annotations.NullMarked;
