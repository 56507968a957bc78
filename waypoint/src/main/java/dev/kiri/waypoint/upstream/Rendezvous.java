package dev.kiri.waypoint.upstream;

import java.util.List;

/// Chooses by a key so that the same key finds the same endpoint, and that an endpoint that comes
/// or goes moves only its own share of the keys (highest random weight). Pure: replicas that know
/// the same endpoints agree.
final class Rendezvous {
  private Rendezvous() {}

  /// @param targets at least one
  static Target choose(List<Target> targets, String key) {
    long keyHash = mix(hash(key));
    Target best = targets.getFirst();
    double highest = Double.NEGATIVE_INFINITY;
    for (Target target : targets) {
      long mixed = mix(keyHash ^ target.spread());
      // A uniform number in (0, 1), weighted by capacity.
      double uniform = ((mixed >>> 11) + 0.5) * 0x1.0p-53;
      double score = -Balancer.capacity(target) / Math.log(uniform);
      if (score > highest) {
        highest = score;
        best = target;
      }
    }
    return best;
  }

  static long hash(String text) {
    long h = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * 0x100000001b3L;
    }
    return h;
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
