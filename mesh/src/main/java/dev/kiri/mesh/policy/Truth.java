package dev.kiri.mesh.policy;

/// Kleene's three values: the third is what an unreadable condition has.
enum Truth {
  YES,
  NO,
  UNKNOWN;

  static Truth of(boolean value) {
    return value ? YES : NO;
  }

  Truth and(Truth other) {
    if (this == NO || other == NO) {
      return NO;
    }
    return this == YES ? other : this;
  }

  Truth or(Truth other) {
    if (this == YES || other == YES) {
      return YES;
    }
    return this == NO ? other : this;
  }

  Truth not() {
    return switch (this) {
      case YES -> NO;
      case NO -> YES;
      case UNKNOWN -> UNKNOWN;
    };
  }
}
