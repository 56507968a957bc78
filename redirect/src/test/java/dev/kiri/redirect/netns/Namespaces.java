package dev.kiri.redirect.netns;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;

/// Throw-away namespaces for tests.
public final class Namespaces {
  private Namespaces() {}

  /// A new namespace, or an aborted test that says why there is none.
  public static PodNetns create(HomeNetns home) {
    try {
      return PodNetns.create(home);
    } catch (IOException refused) {
      return abort("needs root or a user namespace: " + refused.getMessage());
    }
  }
}
