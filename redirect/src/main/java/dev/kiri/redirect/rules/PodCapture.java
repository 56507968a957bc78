package dev.kiri.redirect.rules;

import java.util.List;

/// What is captured in one pod.
///
/// @param inbound whether plaintext that arrives is captured too, or only what leaves
/// @param dns whether lookups go to ztunnel
/// @param virtualInterfaces interfaces whose arriving TCP is treated as if the pod had sent it,
/// such as those of virtual machines in the pod
public record PodCapture(boolean inbound, boolean dns, List<InterfaceName> virtualInterfaces) {
  public PodCapture {
    virtualInterfaces = List.copyOf(virtualInterfaces);
  }
}
