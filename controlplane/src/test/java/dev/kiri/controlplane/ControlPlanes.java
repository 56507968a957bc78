package dev.kiri.controlplane;

import dev.kiri.controlplane.platform.Platform;
import java.time.Clock;
import java.util.Map;

/// Control planes on free ports of loopback, for tests of platforms.
public final class ControlPlanes {
  private ControlPlanes() {}

  public static ControlPlane start(Platform platform) throws Exception {
    return ControlPlane.start(
        platform,
        ControlPlaneSettings.of(
            new String[0],
            Map.of(
                "KIRI_LISTEN_ADDRESS", "127.0.0.1",
                "KIRI_SECURE_PORT", "0",
                "KIRI_HTTP_PORT", "0",
                "KIRI_MONITORING_PORT", "0")),
        Clock.systemUTC(),
        "test");
  }
}
