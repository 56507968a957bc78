package dev.kiri.local.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
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
  /// A pod on its node's network whose own folder is this one.
  private static PodPlace place(Path folder) {
    return new PodPlace(
        new NamespaceFile(folder.resolve("netns")),
        Optional.empty(),
        List.of("10.244.1.2"),
        List.of("172.30.0.11"),
        folder,
        folder);
  }

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
    var place = place(folder);
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

  /// A clock that goes when it is told to.
  private static final class ManualClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static Instant expiry(Path token) throws IOException, ParseException {
    var claims = SignedJWT.parse(Files.readString(token)).getJWTClaimsSet();
    return claims.getExpirationTime().toInstant();
  }

  @Test
  void tokens_are_signed_anew_after_four_fifths_of_the_shortest_life_and_not_before(
      @TempDir Path folder) throws Exception {
    var projected =
        Map.of(
            "sources",
            List.of(
                Map.of(
                    "serviceAccountToken",
                    Map.of("audience", "istio-ca", "expirationSeconds", 43_200, "path", "t"))));
    var pod =
        KubeObject.of(
            Map.of(
                "kind",
                "Pod",
                "metadata",
                Map.of("name", "ztunnel", "namespace", "istio-system"),
                "spec",
                Map.of("volumes", List.of(Map.of("name", "istio-token", "projected", projected)))));
    var place = place(folder);
    var clock = new ManualClock();
    var start = clock.instant();
    var volumes = new PodVolumes(new Tokens(clock));
    VolumeSources none = (_, _) -> Optional.empty();
    var proxyToken = folder.resolve("volumes/istio-token/t");
    var accountToken = folder.resolve("account/token"); // lives an hour: due after 48 minutes

    volumes.refresh(pod, place, none);
    clock.advance(Duration.ofMinutes(47));
    volumes.renewIfDue(pod, place, none);
    assertThat(expiry(proxyToken)).isEqualTo(start.plus(Duration.ofHours(12)));
    assertThat(expiry(accountToken)).isEqualTo(start.plus(Duration.ofHours(1)));

    clock.advance(Duration.ofMinutes(1));
    volumes.renewIfDue(pod, place, none);
    assertThat(expiry(accountToken)).isEqualTo(clock.instant().plus(Duration.ofHours(1)));
    assertThat(expiry(proxyToken)).isEqualTo(clock.instant().plus(Duration.ofHours(12)));

    for (int minute = 0; minute < 24 * 60; minute++) {
      clock.advance(Duration.ofMinutes(1));
      volumes.renewIfDue(pod, place, none);
      assertThat(expiry(proxyToken)).isAfter(clock.instant());
      assertThat(expiry(accountToken)).isAfter(clock.instant());
    }
  }

  @Test
  void the_tokens_of_a_pod_that_is_gone_are_not_signed_any_more(@TempDir Path folder)
      throws IOException {
    var pod = KubeObject.of(Map.of("kind", "Pod", "metadata", Map.of("name", "p")));
    var own = Files.createDirectories(folder.resolve("own"));
    var place = place(own);
    var clock = new ManualClock();
    var volumes = new PodVolumes(new Tokens(clock));
    VolumeSources none = (_, _) -> Optional.empty();
    volumes.refresh(pod, place, none);

    volumes.delete(place);
    clock.advance(Duration.ofDays(2));
    volumes.renewIfDue(pod, place, none);

    assertThat(own).doesNotExist();
  }
}
