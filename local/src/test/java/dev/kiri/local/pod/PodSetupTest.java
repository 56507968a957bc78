package dev.kiri.local.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.pod.ContainerState.Waiting;
import dev.kiri.local.store.KubeObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods that do not come up at the first try, in real namespaces.
class PodSetupTest {
  private static final KubeObject POD =
      KubeObject.of(
          Map.of(
              "kind", "Pod", "metadata", Map.of("name", "p", "namespace", "n"), "spec", Map.of()));

  private @TempDir Path folder;
  private final List<Waiting> said = new CopyOnWriteArrayList<>();
  private final AtomicInteger failuresLeft = new AtomicInteger();
  private volatile Optional<String> awaited = Optional.empty();
  private PodSetup setup;

  @BeforeEach
  void namespaces_can_be_made() {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "making namespaces needs root: skipped");
    var place =
        new PodPlace(
            new NamespaceFile(folder.resolve("node")),
            Optional.of(new NamespaceFile(folder.resolve("netns"))),
            List.of("10.244.1.2"),
            List.of("172.30.0.11"),
            folder.resolve("pod"),
            folder.resolve("logs"));
    setup =
        new PodSetup(
            POD, place, new PodVolumes(new Tokens(Clock.systemUTC())), new Around(), said::add);
  }

  @AfterEach
  void ends_it() throws Exception {
    if (setup != null) {
      setup.end();
      assertThat(folder.resolve("netns")).doesNotExist();
      try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
        assertThat(mounts.filter(line -> line.contains(folder.toString()))).isEmpty();
      }
    }
  }

  private final class Around implements PodLife.Surroundings {
    @Override
    public void connect(KubeObject pod, NamespaceFile own, long process) {
      if (failuresLeft.getAndDecrement() > 0) {
        throw new IllegalStateException("the bridge is full");
      }
    }

    @Override
    public Optional<KubeObject> current() {
      return Optional.of(POD);
    }

    @Override
    public Optional<String> awaitsCapture() {
      return awaited;
    }

    @Override
    public VolumeSources sources() {
      return (_, _) -> Optional.empty();
    }

    @Override
    public ContainerLauncher launcher() {
      throw new UnsupportedOperationException("no container is started here");
    }

    @Override
    public InsideSockets sockets() {
      throw new UnsupportedOperationException("no probe is made here");
    }
  }

  private CompletableFuture<Optional<Sandbox>> run() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return setup.run();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void a_pod_whose_network_fails_says_so_and_is_tried_again() throws Exception {
    failuresLeft.set(1);

    assertThat(run().get(30, TimeUnit.SECONDS)).isPresent();

    assertThat(said)
        .first()
        .isEqualTo(
            new Waiting("FailedCreatePodSandBox", "the bridge is full; next attempt in 1 s"));
    assertThat(said).last().isEqualTo(PodStatus.NO_PROBLEM);
  }

  @Test
  void a_pod_that_is_not_captured_says_why_and_does_not_start_until_it_is() throws Exception {
    awaited = Optional.of("not captured: no ztunnel connection");
    var running = run();

    await()
        .until(
            () ->
                said.contains(
                    new Waiting("FailedCreatePodSandBox", "not captured: no ztunnel connection")));
    assertThat(running).isNotDone();

    awaited = Optional.empty();
    assertThat(running.get(5, TimeUnit.SECONDS)).isPresent();
    assertThat(said).last().isEqualTo(PodStatus.NO_PROBLEM);
  }

  @Test
  void a_pod_that_is_deleted_while_it_waits_does_not_start() throws Exception {
    awaited = Optional.of("not captured");
    var running = run();
    await().until(() -> setup.sandbox().isPresent());

    setup.end();

    assertThat(running.get(5, TimeUnit.SECONDS)).isEmpty();
    assertThat(setup.sandbox()).isEmpty();
  }
}
