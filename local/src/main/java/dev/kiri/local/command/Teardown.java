package dev.kiri.local.command;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends a mesh, politely or not, and deletes its folder. Repeating it does no harm.
final class Teardown {
  private static final int POLITE_SECONDS = 10;

  private Teardown() {}

  /// Returns true when there was something to remove.
  static boolean of(MeshState state) {
    if (!Files.exists(state.folder())) {
      return false;
    }
    var process = state.process();
    if (process.isPresent()) {
      if (isStopping(state)) {
        await(process.get(), POLITE_SECONDS);
      }
      // The first process of the namespace; the kernel ends all others with it.
      state.init().ifPresent(ProcessHandle::destroyForcibly);
      process.get().destroyForcibly();
      await(process.get(), POLITE_SECONDS);
    }
    state
        .publisher()
        .ifPresent(
            publisher -> {
              publisher.destroyForcibly();
              await(publisher, POLITE_SECONDS);
            });
    delete(state);
    return true;
  }

  /// False where it does not answer, because it starts or hangs.
  private static boolean isStopping(MeshState state) {
    try {
      LocalMesh.find(state.name()).call("stop", Map.of(), _ -> {});
      return true;
    } catch (MeshException e) {
      return false;
    }
  }

  private static void await(ProcessHandle process, int seconds) {
    try {
      process.onExit().get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // still there: the caller has stronger means
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(MeshState state) {
    for (int attempt = 0; Files.exists(state.folder()); attempt++) {
      try (var all = Files.walk(state.folder())) {
        all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
      } catch (IOException | UncheckedIOException e) {
        if (attempt > 10) { // something went while we looked, again and again
          throw new MeshException("the folder " + state.folder() + " cannot be removed: " + e, e);
        }
      }
      if (attempt > 20) {
        throw new MeshException("the folder " + state.folder() + " cannot be removed");
      }
    }
    var parent = state.folder().getParent();
    if (parent != null) {
      parent.toFile().delete(); // only when no other mesh is there
    }
  }
}
