/// Answers how a pod comes to life on a node: its namespaces, its file system, its containers,
/// their probes and restarts, and the status the rest of the mesh reads.
///
/// Entry type: `PodLife`, one object a pod, which runs on virtual threads of its own and reports
/// through `PodObserver`. What a pod's files, environment and status look like is computed by pure
/// functions (`RootScript`, `Environment`, `PodStatus`); kubelet's behaviour is the model.
@NullMarked
package dev.kiri.local.pod;

import org.jspecify.annotations.NullMarked;
