package dev.kiri.local.image;

/// What a container of some image does here.
public sealed interface ImageUse {
  /// Answers on every declared port with what it saw.
  record Echo() implements ImageUse {}

  /// Does nothing, for `exec`.
  record Idle() implements ImageUse {}

  /// Runs one of Kiri's own programs.
  record Program(String name) implements ImageUse {}

  /// Runs the manifest's command.
  record Command() implements ImageUse {}

  /// Neither in the table nor given a command.
  record Unknown(String image) implements ImageUse {
    public String message() {
      return "image \""
          + image
          + "\" is not one of the built-in images and the container has no command; accepted: "
          + Images.names()
          + ", or add a command that exists on this machine";
    }
  }
}
