package dev.kiri.ops.admin;

/// The version this program was built as.
public final class BuildVersion {
  private static final String UNPACKAGED = "development";

  private BuildVersion() {}

  /// What the jar's manifest says; `development` for classes that are in no jar.
  public static String text() {
    var version = BuildVersion.class.getPackage().getImplementationVersion();
    return version == null ? UNPACKAGED : version;
  }
}
