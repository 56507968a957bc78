package dev.kiri.mesh.policy;

/// A condition on a name.
public sealed interface StringMatcher {

  boolean matches(String value);

  record Exact(String value) implements StringMatcher {
    @Override
    public boolean matches(String other) {
      return other.equals(value);
    }
  }

  record Prefix(String value) implements StringMatcher {
    @Override
    public boolean matches(String other) {
      return other.startsWith(value);
    }
  }

  record Suffix(String value) implements StringMatcher {
    @Override
    public boolean matches(String other) {
      return other.endsWith(value);
    }
  }

  /// Any value but the empty one.
  record Presence() implements StringMatcher {
    @Override
    public boolean matches(String other) {
      return !other.isEmpty();
    }
  }
}
