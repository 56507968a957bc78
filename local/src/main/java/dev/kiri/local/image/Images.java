package dev.kiri.local.image;

import dev.kiri.local.image.ImageUse.Command;
import dev.kiri.local.image.ImageUse.Echo;
import dev.kiri.local.image.ImageUse.Idle;
import dev.kiri.local.image.ImageUse.Program;
import dev.kiri.local.image.ImageUse.Unknown;
import java.util.Map;
import java.util.TreeMap;

/// The table of built-in images. Registry host names, tags and digests do not matter. Pure.
public final class Images {
  private static final Map<String, ImageUse> TABLE =
      new TreeMap<>(
          Map.of(
              "kiri.dev/echo", new Echo(),
              "kiri.dev/shell", new Idle(),
              "kiri.dev/waypoint", new Program("waypoint"),
              "kiri.dev/ztunnel", new Program("ztunnel"),
              "kiri.dev/redirect", new Program("redirect"),
              "kiri.dev/controlplane", new Program("controlplane")));

  private Images() {}

  /// What a container does, given its image and whether its manifest names a command. A command
  /// wins over the table, as it replaces an image's entry point.
  public static ImageUse use(String image, boolean hasCommand) {
    if (hasCommand) {
      return new Command();
    }
    var use = TABLE.get(repository(image));
    return use == null ? new Unknown(image) : use;
  }

  static String repository(String image) {
    var name = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
    int slash = name.lastIndexOf('/');
    int colon = name.indexOf(':', slash + 1);
    return colon < 0 ? name : name.substring(0, colon);
  }

  /// The built-in images, for messages.
  public static String names() {
    return String.join(", ", TABLE.keySet());
  }
}
