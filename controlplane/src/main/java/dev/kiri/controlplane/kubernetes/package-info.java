/// The control plane in a Kubernetes cluster: where its objects come from, how it writes them, who
/// leads, whose token that is, where the root is kept.
///
/// Everything goes through one [KubernetesApi]. Objects are read by informers of the fabric8 client
/// as plain trees and decoded like files, so that a cluster and a folder give the same index; no
/// second copy of them is kept. Objects and status are written by server-side apply. State lives in
/// the cluster only.
@NullMarked
package dev.kiri.controlplane.kubernetes;

import org.jspecify.annotations.NullMarked;
