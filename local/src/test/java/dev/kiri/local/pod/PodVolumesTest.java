package dev.kiri.local.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files of a pod's volumes, on a real disk.
class PodVolumesTest {
  @Test
  void a_pod_that_starts_and_an_object_that_changes_may_write_at_once(@TempDir Path folder)
      throws ExecutionException, InterruptedException, IOException {
    var pod =
        KubeObject.of(
            Map.of(
                "kind",
                "Pod",
                "metadata",
                Map.of("name", "p", "namespace", "n"),
                "spec",
                Map.of(
                    "volumes",
                    List.of(Map.of("name", "v", "configMap", Map.of("name", "settings"))))));
    var place =
        new PodPlace(
            new NamespaceFile(folder.resolve("netns")),
            Optional.empty(),
            List.of("10.244.1.2"),
            List.of("172.30.0.11"),
            folder,
            folder);
    var version = new AtomicInteger();
    VolumeSources sources =
        (kind, name) ->
            Optional.of(
                KubeObject.of(
                    Map.of(
                        "kind",
                        kind,
                        "metadata",
                        Map.of("name", name),
                        "data",
                        Map.of("version", Integer.toString(version.incrementAndGet())))));
    var volumes = new PodVolumes(new Tokens(Clock.systemUTC()));
    var writers = new ArrayList<Future<?>>();

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        writers.add(threads.submit(() -> volumes.refresh(pod, place, sources)));
      }
    }

    for (var writer : writers) {
      writer.get(); // throws what the writer threw
    }
    assertThat(Files.readString(folder.resolve("volumes/v/version"))).isNotEmpty();
    assertThat(folder.resolve("volumes/v/.version.new")).doesNotExist();
  }
}
