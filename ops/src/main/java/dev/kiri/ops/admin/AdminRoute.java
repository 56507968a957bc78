package dev.kiri.ops.admin;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The handlers of one path by method. Filled before the server starts, then only read.
final class AdminRoute {
  private final Map<String, AdminHandler> byMethod = new HashMap<>();

  AdminRoute(String path) {
    if (!path.equals("*") && !path.startsWith("/")) {
      throw new IllegalArgumentException("path: " + path + " (expected: to start with /)");
    }
  }

  void on(String method, AdminHandler handler) {
    byMethod.put(method, handler);
  }

  @Nullable AdminHandler handler(String method) {
    var exact = byMethod.get(method);
    return exact != null ? exact : byMethod.get("*");
  }
}
