package dev.kiri.local.command;

/// This machine lacks something; the message names it and the remedy.
final class MissingPrerequisite extends RuntimeException {
  MissingPrerequisite(String message) {
    super(message);
  }
}
