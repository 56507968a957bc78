package dev.kiri.local;

import dev.kiri.local.command.LocalCommand;
import dev.kiri.local.dns.DnsAnswers;
import dev.kiri.local.dns.DnsZone;
import dev.kiri.local.echo.EchoTraining;
import dev.kiri.local.image.Programs;
import dev.kiri.local.manifest.ManifestReader;
import dev.kiri.local.manifest.Manifests;
import dev.kiri.local.manifest.Schemas;
import dev.kiri.local.manifest.SystemManifests;
import dev.kiri.local.pod.Tokens;
import dev.kiri.local.service.Backends;
import dev.kiri.local.service.EndpointPlanner;
import dev.kiri.local.service.ServiceAddresses;
import dev.kiri.local.service.TranslationRules;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.PodPlanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Does once what commands and the supervisor do at their start, so that a start-up cache can be
/// made of the classes it took. Needs no privileges, changes nothing but a temporary folder of its
/// own.
final class Training {
  private static final Set<String> PROGRAMS =
      Set.of("controlplane", "redirect", "waypoint", "ztunnel");

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: a}
      spec: {selector: {app: a}, ports: [{port: 80}]}
      """;

  private Training() {}

  static void run() throws IOException {
    for (var command :
        List.of("up", "get", "exec", "logs", "wait", "apply", "delete", "down", "demo")) {
      LocalCommand.run(command, "--help");
    }
    var folder = Files.createTempDirectory("kiri-training");
    try {
      supervise(folder);
      EchoTraining.run();
    } finally {
      try (var all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
      }
    }
  }

  private static void supervise(Path folder) throws IOException {
    var reader = new ManifestReader();
    var system = SystemManifests.of(PROGRAMS, folder);
    reader.readText("training", SERVICE);
    var checked = new Manifests(Schemas.load()).check(reader.manifests(), system);
    var clock = Clock.systemUTC();
    var objects = Files.createDirectories(folder.resolve("objects"));
    var overlay = Files.createDirectories(folder.resolve("overlay"));
    try (var store = new ObjectStore(objects, overlay, clock, _ -> false)) {
      system.forEach(store::put);
      checked.accepted().forEach(m -> store.put(ServiceAddresses.complete(m.object(), List.of())));
      var workloads =
          List.of(store.list("Deployment"), store.list("DaemonSet")).stream()
              .flatMap(List::stream)
              .toList();
      PodPlanner.plan(workloads, List.of(), Map.of("node-1", Map.of()), clock.instant());
      var services = store.list("Service");
      services.forEach(s -> EndpointPlanner.slices(s, List.of(), Map.of()));
      TranslationRules.text(Backends.of(services, List.of()), "node-1", List.of());
      DnsAnswers.answer(new byte[12], DnsZone.of(services, List.of(), List.of()), false);
      new Tokens(clock)
          .sign(
              KubeObject.of(Map.of("kind", "Pod")), "", List.of("training"), Duration.ofMinutes(1));
    }
    new Programs(folder, folder, Optional.empty()).available();
  }
}
