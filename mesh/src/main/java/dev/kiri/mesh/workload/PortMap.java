package dev.kiri.mesh.workload;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// From service ports to target ports; a target of 0 means that each endpoint has its own.
///
/// Held as one sorted array, because there is one such map for each endpoint of each service.
public final class PortMap {
  /// What [#target] answers for a port that is not in the map.
  public static final int ABSENT = -1;

  private static final PortMap EMPTY = new PortMap(new int[0]);

  /// Service port in the upper 16 bits, target port in the lower; ascending, unsigned.
  private final int[] pairs;

  private PortMap(int[] pairs) {
    this.pairs = pairs;
  }

  public static PortMap empty() {
    return EMPTY;
  }

  public static PortMap of(int servicePort, int targetPort) {
    return of(Map.of(servicePort, targetPort));
  }

  /// Takes ports between 0 and 65535.
  ///
  /// @throws IllegalArgumentException if a port is out of range
  public static PortMap of(Map<Integer, Integer> ports) {
    if (ports.isEmpty()) {
      return EMPTY;
    }
    var pairs = new int[ports.size()];
    int next = 0;
    for (var port : new TreeMap<>(ports).entrySet()) {
      pairs[next++] = checked(port.getKey()) << 16 | checked(port.getValue());
    }
    return new PortMap(pairs);
  }

  private static int checked(int port) {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
    return port;
  }

  /// The target port of a service port, or [#ABSENT].
  public int target(int servicePort) {
    for (int pair : pairs) {
      if (pair >>> 16 == servicePort) {
        return pair & 0xffff;
      }
    }
    return ABSENT;
  }

  public boolean contains(int servicePort) {
    return target(servicePort) != ABSENT;
  }

  public boolean isEmpty() {
    return pairs.length == 0;
  }

  public int size() {
    return pairs.length;
  }

  /// The pairs in ascending order of the service port.
  public SortedMap<Integer, Integer> asMap() {
    var map = new TreeMap<Integer, Integer>();
    for (int pair : pairs) {
      map.put(pair >>> 16, pair & 0xffff);
    }
    return map;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PortMap map && Arrays.equals(pairs, map.pairs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pairs);
  }

  @Override
  public String toString() {
    return asMap().toString();
  }
}
