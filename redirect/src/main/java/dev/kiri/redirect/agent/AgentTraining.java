package dev.kiri.redirect.agent;

import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.rules.NftScript;
import dev.kiri.redirect.rules.RuleSet;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.ZdsClient;
import dev.kiri.redirect.zds.ZdsPod;
import dev.kiri.redirect.zds.ZdsServer;
import dev.kiri.redirect.zds.ZdsServerObserver;
import dev.kiri.redirect.zds.ZdsTimings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What the agent does most, without privileges: reading manifests, deciding, writing rules and
/// handing a namespace over.
final class AgentTraining {
  private static final String MANIFESTS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }
      ---
      apiVersion: v1
      kind: Pod
      metadata: { name: web, namespace: shop, uid: 0b1d5ff3-5b8a-4b5d-9f5a-5f7c0d8a2b11 }
      spec: { nodeName: node, serviceAccountName: web }
      status: { phase: Running, podIPs: [ { ip: 192.0.2.1 } ] }
      """;

  private AgentTraining() {}

  static void run(AgentSettings settings) throws Exception {
    var folder = Files.createTempDirectory("redirect-training");
    try {
      var home = HomeNetns.ofThisThread();
      var pod = decide(folder, settings);
      NftScript.apply(
          RuleSet.of(PodOverrides.of(pod.annotations(), true).capture(), settings.capture()));
      handOver(folder.resolve("zds.sock"), home, pod);
      var metrics = new Metrics().withProcess("istio-cni", "training");
      AdminServer.named("metrics")
          .route("GET", "/metrics", metrics.handler())
          .start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .close();
    } finally {
      delete(folder);
    }
  }

  private static Pod decide(Path folder, AgentSettings settings) throws IOException {
    var objects = Files.createDirectories(folder.resolve("objects"));
    Files.writeString(objects.resolve("shop.yaml"), MANIFESTS);
    try (var source = new FolderPodSource("node", objects, folder.resolve("overlay"))) {
      source.start((_, _) -> {});
      var pod = source.view().pods().values().iterator().next();
      EnrolmentDecision.of(new PodEvent.Updated(pod), source.view(), settings.eligibility());
      source.annotate(pod, Redirection.ENABLED);
      return pod;
    }
  }

  private static void handOver(Path socket, HomeNetns home, Pod pod) throws Exception {
    var ready = new CountDownLatch(1);
    var proxies =
        new PodProxies(
            (_, _, netns) -> netns::close,
            new PodProxies.Observer() {
              @Override
              public void ready(boolean now) {
                if (now) {
                  ready.countDown();
                }
              }
            });
    try (var netns = PodNetns.open(Path.of("/proc/self/ns/net"), home);
        var server = ZdsServer.listen(socket, ZdsTimings.upstream(), new ZdsServerObserver() {});
        var client = new ZdsClient(socket, home, proxies)) {
      var handle = netns.share();
      server.accept(() -> List.of(new ZdsPod(pod.uid(), pod.workload(), handle)));
      client.start();
      if (!ready.await(10, TimeUnit.SECONDS)) {
        throw new IOException("no snapshot within 10 s");
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (var path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /// Settings for a run that has no environment.
  static Map<String, String> environment() {
    return Map.of("NODE_NAME", "node", "KIRI_OBJECTS", "-", "KIRI_OVERLAY", "-");
  }
}
