/// Answers which pods there should be: what the controllers of a cluster do for Deployments,
/// StatefulSets, DaemonSets and Jobs, and what a scheduler does for pods without a node.
///
/// Entry type: `PodPlanner`, a pure function from the objects as they are to the next steps. Names,
/// labels and owner references follow Kubernetes, because workload names are derived from them.
@NullMarked
package dev.kiri.local.workload;

import org.jspecify.annotations.NullMarked;
