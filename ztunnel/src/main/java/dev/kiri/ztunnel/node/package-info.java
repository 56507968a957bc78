/// What a node's proxy has besides its pods: certificates, names, metrics, the agent's pods.
///
/// [AgentPods] is told by the redirect agent which pods to serve and makes a
/// [dev.kiri.ztunnel.pod.PodProxy] for each; [NodeCertificates] and [HostLookup] serve all of them.
@NullMarked
package dev.kiri.ztunnel.node;

import org.jspecify.annotations.NullMarked;
