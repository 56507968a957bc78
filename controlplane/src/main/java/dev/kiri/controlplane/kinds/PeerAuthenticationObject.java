package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A PeerAuthentication.
///
/// @param selector null where absent
/// @param ports mode by workload port
public record PeerAuthenticationObject(
    Meta meta, @Nullable Map<String, String> selector, Mode mode, SortedMap<Integer, Mode> ports)
    implements MeshObject {
  private static final List<String> MODES = List.of("UNSET", "DISABLE", "PERMISSIVE", "STRICT");

  /// Whether plaintext is accepted.
  public enum Mode {
    UNSET,
    DISABLE,
    PERMISSIVE,
    STRICT
  }

  @Override
  public Kind kind() {
    return Kind.PEER_AUTHENTICATION;
  }

  static PeerAuthenticationObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    Map<String, String> selector = null;
    if (spec.has("selector")) {
      Fields fields = spec.child("selector");
      selector = fields.stringMap("matchLabels");
      fields.done();
    }
    SortedMap<Integer, Mode> ports = new TreeMap<>();
    if (spec.raw("portLevelMtls") instanceof Map<?, ?> byPort) {
      Fields fields = spec.child("portLevelMtls");
      for (Object key : byPort.keySet()) {
        String name = String.valueOf(key);
        if (!PolicyValueCheck.isPort(name)) {
          fields.error(name, Fields.show(name), "a port from 1 to 65535");
          continue;
        }
        if (byPort.get(key) instanceof Map<?, ?> one) {
          ports.put(
              Integer.parseInt(name), mode(new Fields(one, fields.at(name), fields.problems())));
        } else {
          fields.error(name, Fields.show(byPort.get(key)), "a mapping");
        }
      }
    }
    spec.ignore("selector");
    if (selector == null && !ports.isEmpty()) {
      spec.error("portLevelMtls", "ports without a selector", "a selector beside portLevelMtls");
    }
    PeerAuthenticationObject read =
        new PeerAuthenticationObject(meta, selector, mode(spec.child("mtls")), ports);
    spec.done();
    return read;
  }

  private static Mode mode(Fields mtls) {
    Mode mode = Mode.valueOf(mtls.choice("mode", "UNSET", MODES));
    mtls.done();
    return mode;
  }
}
