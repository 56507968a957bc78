package dev.kiri.local.mesh;

import dev.kiri.local.network.Topology;
import dev.kiri.local.network.Topology.PodAddresses;
import dev.kiri.local.network.Topology.PodNetwork;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.workload.Pods;
import java.util.HashMap;
import java.util.Map;

/// Which pod has which address of its node's range. Thread-safe.
final class PodAddressing {
  private static final String ADDRESS = "local.kiri.dev/address";
  private static final int FIRST = 2;
  private static final int LAST = 254;

  private final Topology topology;
  private final Map<String, PodAddresses> byPod = new HashMap<>();
  private final Map<String, String> podByAddress = new HashMap<>();
  private final Map<String, Integer> next = new HashMap<>();

  PodAddressing(Topology topology) {
    this.topology = topology;
  }

  /// The pod's addresses, the same for as long as it exists.
  ///
  /// @throws IllegalStateException when the range is full or a wanted address is taken
  synchronized PodAddresses allocate(KubeObject pod) {
    var known = byPod.get(pod.uid());
    if (known != null) {
      return known;
    }
    boolean outside = Pods.isOutside(pod);
    var network =
        outside
            ? Topology.outside()
            : topology.podNetwork(topology.number(pod.text("spec", "nodeName")).orElseThrow());
    var wanted = pod.annotations().getOrDefault(ADDRESS, "");
    var addresses = wanted.isEmpty() ? free(network) : wanted(pod, network, wanted);
    byPod.put(pod.uid(), addresses);
    podByAddress.put(addresses.v4(), pod.uid());
    return addresses;
  }

  private PodAddresses wanted(KubeObject pod, PodNetwork network, String address) {
    int number =
        network
            .numberOf(address)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        pod.key()
                            + " wants address "
                            + address
                            + "; its range is "
                            + network.prefix()
                            + "2 to "
                            + network.prefix()
                            + "254"));
    var holder = podByAddress.get(address);
    if (holder != null) {
      throw new IllegalStateException(
          pod.key() + " wants address " + address + ", which another pod has");
    }
    return network.pod(number);
  }

  /// Goes round the range, so that an address is not used again at once by another pod.
  private PodAddresses free(PodNetwork network) {
    int start = next.getOrDefault(network.prefix(), FIRST);
    for (int i = 0; i <= LAST - FIRST; i++) {
      int number = FIRST + (start - FIRST + i) % (LAST - FIRST + 1);
      var addresses = network.pod(number);
      if (!podByAddress.containsKey(addresses.v4())) {
        next.put(network.prefix(), number + 1);
        return addresses;
      }
    }
    throw new IllegalStateException("no address is left in " + network.prefix() + "0/24");
  }

  synchronized void release(KubeObject pod) {
    var addresses = byPod.remove(pod.uid());
    if (addresses != null) {
      podByAddress.remove(addresses.v4());
    }
  }
}
