package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.rules.PodCapture;
import dev.kiri.redirect.zds.WorkloadInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collection;

/// What enrolment does to a pod, to the node and to ztunnel. The means are interfaces so that their
/// failures can be played.
///
/// @param rules the pod's own rules
/// @param probes the node's exemption of its probes
/// @param ztunnel the ztunnel that is connected
record Capture(Rules rules, Probes probes, Ztunnel ztunnel) {
  /// As [dev.kiri.redirect.rules.PodRules] does.
  interface Rules {
    /// Whether anything had to be changed.
    boolean apply(PodNetns netns, PodCapture capture) throws IOException;

    void retire(PodNetns netns) throws IOException;

    void remove(PodNetns netns) throws IOException;
  }

  /// As [dev.kiri.redirect.rules.HostRules] does.
  interface Probes {
    void add(Collection<InetAddress> addresses, String uid) throws IOException;

    void remove(Collection<InetAddress> addresses, String uid) throws IOException;

    /// Whether anything was missing.
    boolean reassert() throws IOException;
  }

  /// As [dev.kiri.redirect.zds.ZdsServer] does.
  interface Ztunnel {
    void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException;

    void delete(String uid) throws IOException;
  }
}
