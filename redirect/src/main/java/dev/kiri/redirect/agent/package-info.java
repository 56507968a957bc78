/// Which pods of this node are captured, and making it so.
///
/// What is to be done about a pod is decided by [dev.kiri.redirect.agent.EnrolmentDecision], a pure
/// function of the event, the pod as it is now and its namespace's labels; it is carried out by
/// [dev.kiri.redirect.agent.Enrolment], one pod after another or several side by side, but one
/// thing at a time for each pod. Objects come from a [dev.kiri.redirect.agent.PodSource], network
/// namespaces from a [dev.kiri.redirect.agent.NetnsSource]. Same states, order and texts as
/// upstream's node agent (istio `cni/pkg/nodeagent`).
@NullMarked
package dev.kiri.redirect.agent;

import org.jspecify.annotations.NullMarked;
