package dev.kiri.ops.drain;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/// Hears the signals that ask a process to end, each time one comes: the machine's shutdown hooks
/// tell of the first one only. By reflection, because the compiler does not let a release of the
/// language name the type.
final class Signals {
  private Signals() {}

  /// Calls `heard` with `SIGTERM` or `SIGINT`, on a thread of the machine's; false if it does not
  /// let us.
  static boolean handle(Consumer<String> heard) {
    try {
      for (var name : new String[] {"TERM", "INT"}) {
        handle(name, () -> heard.accept("SIG" + name));
      }
      return true;
    } catch (ReflectiveOperationException | RuntimeException refused) {
      return false;
    }
  }

  @SuppressWarnings("ReferenceEquality") // a proxy's equals is answered by this very code
  private static void handle(String name, Runnable action) throws ReflectiveOperationException {
    var signal = Class.forName("sun.misc.Signal");
    var handler = Class.forName("sun.misc.SignalHandler");
    var proxy =
        Proxy.newProxyInstance(
            handler.getClassLoader(),
            new Class<?>[] {handler},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    action.run();
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(self);
                  case "equals" -> arguments != null && self == arguments[0];
                  default -> name;
                });
    signal
        .getMethod("handle", signal, handler)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
  }
}
