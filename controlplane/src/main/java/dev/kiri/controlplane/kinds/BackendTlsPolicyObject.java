package dev.kiri.controlplane.kinds;

import java.util.List;

/// A BackendTLSPolicy (gateway-api.md 11.1): TLS that is begun with the endpoints of its targets.
///
/// @param authorities ConfigMaps with roots, in the policy's namespace; or
/// @param wellKnown the word for other roots, empty without one
/// @param hostname what is asked for
/// @param names of which the certificate must have one; none: the hostname
public record BackendTlsPolicyObject(
    Meta meta,
    List<Target> targets,
    List<Authority> authorities,
    String wellKnown,
    String hostname,
    List<String> names)
    implements MeshObject {
  /// A Service, or a ServiceEntry, of the policy's namespace.
  ///
  /// @param section the name of a port; empty for all
  public record Target(String group, String kind, String name, String section) {
    public boolean isServiceEntry() {
      return kind.equals("ServiceEntry");
    }
  }

  /// An object that holds roots.
  public record Authority(String group, String kind, String name) {
    public boolean isConfigMap() {
      return group.isEmpty() && kind.equals("ConfigMap");
    }
  }

  /// What of several policies only one may say.
  public static String key(String namespace, Target target) {
    return target.kind() + "/" + namespace + "/" + target.name() + "#" + target.section();
  }

  @Override
  public Kind kind() {
    return Kind.BACKEND_TLS_POLICY;
  }
}
