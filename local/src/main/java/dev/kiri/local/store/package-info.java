/// Answers what objects the mesh consists of: every Kubernetes object, as a tree of plain values,
/// with the status others wrote.
///
/// Entry types: `ObjectStore` (the set, thread-safe) and `KubeObject` (one object, immutable). The
/// store is mirrored in a folder
/// that the control plane and the redirect agent read as their API server, and takes back what they
/// write there.
@NullMarked
package dev.kiri.local.store;

import org.jspecify.annotations.NullMarked;
