package dev.kiri.redirect.rules;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/// The addresses of enrolled pods, each with the pod's uid: to these, the node's probes go with an
/// address of their own. Immutable.
///
/// @param owners the uid by address
public record ProbeSet(Map<InetAddress, String> owners) {
  static final ProbeSet EMPTY = new ProbeSet(Map.of());

  public ProbeSet {
    owners = Map.copyOf(owners);
  }

  /// With these addresses belonging to this pod, whoever had them before.
  public ProbeSet with(Collection<InetAddress> addresses, String uid) {
    var next = new HashMap<>(owners);
    addresses.forEach(address -> next.put(address, uid));
    return new ProbeSet(next);
  }

  /// Without those of these addresses that belong to this pod: an address may have been given to
  /// another pod since.
  public ProbeSet without(Collection<InetAddress> addresses, String uid) {
    var next = new HashMap<>(owners);
    addresses.forEach(address -> next.remove(address, uid));
    return new ProbeSet(next);
  }

  /// The commands that make `this`, as found in the kernel, what is wanted. Empty when it is.
  ///
  /// @param ipv6 whether there is a set for IPv6
  /// @param mayGo which of the addresses that are not wanted to delete
  String changesTo(ProbeSet wanted, boolean ipv6, Predicate<InetAddress> mayGo) {
    var script = new StringBuilder();
    wanted.owners.forEach(
        (address, uid) -> {
          if ((ipv6 || !(address instanceof Inet6Address)) && !uid.equals(owners.get(address))) {
            // Adding what is there does not change its comment, deleting what is not there
            // fails: hence three steps.
            script.append(element("add", address, " comment \"" + uid + "\""));
            script.append(element("delete", address, ""));
            script.append(element("add", address, " comment \"" + uid + "\""));
          }
        });
    owners.keySet().stream()
        .filter(address -> !wanted.owners.containsKey(address) && mayGo.test(address))
        .forEach(address -> script.append(element("delete", address, "")));
    return script.toString();
  }

  private static String element(String verb, InetAddress address, String comment) {
    return "%s element inet %s %s { %s%s }\n"
        .formatted(
            verb,
            HostScript.TABLE,
            address instanceof Inet6Address ? HostScript.SET6 : HostScript.SET4,
            address.getHostAddress(),
            comment);
  }
}
