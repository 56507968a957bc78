package dev.kiri.controlplane;

/// Policy documents for tests of other packages.
public final class Policies {
  private Policies() {}

  public static String policy(String namespace, String name, String spec) {
    return Manifests.policy(namespace, name, spec);
  }

  public static String peer(String namespace, String name, String spec) {
    return Manifests.peer(namespace, name, spec);
  }
}
