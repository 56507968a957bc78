package dev.kiri.waypoint.config;

/// A resource that cannot be used; the message names the field and what is wrong with it.
final class InvalidConfig extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidConfig(String field, String problem) {
    super(field + ": " + problem);
  }
}
