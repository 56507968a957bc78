package dev.kiri.hbone.gates;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Switches Netty's leak detector off for a test: it allocates for every touch of a buffer.
final class WithoutLeakDetection implements BeforeEachCallback, AfterEachCallback {
  private Level level = Level.DISABLED;

  @Override
  public void beforeEach(ExtensionContext context) {
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(Level.DISABLED);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    ResourceLeakDetector.setLevel(level);
  }
}
