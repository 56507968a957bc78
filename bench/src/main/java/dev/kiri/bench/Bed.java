package dev.kiri.bench;

import dev.kiri.bench.envoy.EnvoyMain;
import dev.kiri.bench.envoy.EnvoyPod;
import dev.kiri.bench.resource.ResourceText;
import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A mesh of this run's own, started and taken down through `./kiri`, and the pods of one or two
/// variants in it. Closing it, or the end of this process, removes it. Confined to one thread but
/// for [#close].
final class Bed implements AutoCloseable {
  /// What the kernel's defaults would distort: buffers that differ from machine to machine, and too
  /// few ports for many short connections.
  private static final List<String> SYSCTLS =
      List.of(
          "net.ipv4.tcp_wmem=4096 16384 4194304",
          "net.ipv4.tcp_rmem=4096 131072 33554432",
          "net.ipv4.ip_local_port_range=1024 65535",
          "net.ipv4.tcp_tw_reuse=1",
          "net.core.somaxconn=4096");

  /// The first of these that the kernel lets a network namespace choose. The machine's default may
  /// be BBR, which paces by timers where the `fq` discipline is missing.
  private static final List<String> CONGESTION_CONTROLS = List.of("cubic", "reno");

  private static final String OUR_PROXY = "dev.kiri.ztunnel.ZtunnelMain";
  private static final String OUR_WAYPOINT = "dev.kiri.waypoint.WaypointMain";

  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final Duration OVERTIME = Duration.ofSeconds(15);

  private final Launcher kiri;
  private final String name;
  private final LocalMesh mesh;
  private final String proxy;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// The executable that plays the other waypoint; empty: none does.
  private String envoy = "";

  private Bed(Launcher kiri, String name, LocalMesh mesh, String proxy) {
    this.kiri = kiri;
    this.name = name;
    this.mesh = mesh;
    this.proxy = proxy;
  }

  /// Starts the mesh with our node proxies and waits until it is ready.
  static Bed ours(Map<String, String> environment) {
    return start(environment, "", Map.of(), OUR_PROXY, List.of("mesh.yaml"));
  }

  /// The same with a service and a waypoint in front of the server; the proxy that is looked at is
  /// the waypoint.
  static Bed withWaypoint(Map<String, String> environment) {
    return start(environment, "-l7", Map.of(), OUR_WAYPOINT, List.of("mesh.yaml", "waypoint.yaml"));
  }

  /// Starts a mesh whose node proxies are an executable of others.
  static Bed of(Path ztunnel, Map<String, String> environment) {
    var executable = ztunnel.toAbsolutePath().toString();
    return start(
        environment, "-peer", Map.of("KIRI_ZTUNNEL", executable), executable, List.of("mesh.yaml"));
  }

  private static Bed start(
      Map<String, String> environment,
      String suffix,
      Map<String, String> added,
      String proxy,
      List<String> manifests) {
    var kiri = Launcher.of(environment);
    var name = "bench-" + ProcessHandle.current().pid() + suffix;
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> down(kiri, name)));
    kiri.run(
        added,
        List.of("up", "--name", name, "--detach"),
        manifests.stream()
            .map(manifest -> ResourceText.beside(Bed.class, manifest))
            .collect(Collectors.joining("---\n")));
    return new Bed(kiri, name, LocalMesh.find(name), proxy);
  }

  private static void down(Launcher kiri, String name) {
    kiri.run(Map.of(), "down", "--name", name);
  }

  /// How a node proxy like those of this mesh is started.
  List<String> proxyCommand() {
    return proxy.equals(OUR_PROXY)
        ? Launcher.java("ztunnel", OUR_PROXY)
        : List.of(proxy, "proxy", "ztunnel");
  }

  /// The proxies that run now: the waypoint if the bed has one, else those of the nodes.
  Proxies proxies() {
    return Proxies.of(mesh.state(), proxy);
  }

  /// The proxies that are looked at for a variant.
  Proxies proxies(Variant variant) {
    return variant == Variant.ENVOY ? Proxies.of(mesh.state(), envoy) : proxies();
  }

  /// Puts an Envoy beside our waypoint, on the same node.
  ///
  /// @throws BenchFailed if it does not become ready
  void addEnvoy(Path executable) {
    envoy = executable.toAbsolutePath().toString();
    var waypoint =
        mesh.objects("Pod", Variant.WAYPOINT.namespace()).stream()
            .filter(pod -> pod.text("spec", "serviceAccountName").equals("waypoint"))
            .findFirst()
            .orElseThrow(() -> new BenchFailed("no waypoint runs"));
    var main =
        Launcher.java(
            "bench",
            EnvoyMain.class.getName(),
            envoy,
            podAddress(Variant.ENVOY),
            "spiffe://cluster.local/ns/" + Variant.ENVOY.namespace() + "/sa/server");
    kiri.run(
        Map.of(),
        List.of("apply", "--name", name),
        EnvoyPod.manifests(waypoint.text("spec", "nodeName"), main));
    awaitReady();
  }

  /// Where a variant's server answers.
  String server(Variant variant) {
    return switch (variant) {
      case WAYPOINT -> serviceAddress(variant, "server");
      case ENVOY -> serviceAddress(variant, "server-envoy");
      case DIRECT, MESH, PEER -> podAddress(variant);
    };
  }

  private String serviceAddress(Variant variant, String service) {
    return mesh.object(ObjectKey.of("Service", variant.namespace(), service))
        .map(found -> found.text("spec", "clusterIP"))
        .filter(address -> !address.isEmpty())
        .orElseThrow(() -> new BenchFailed("service " + service + " has no address"));
  }

  private String podAddress(Variant variant) {
    return mesh.object(ObjectKey.of("Pod", variant.namespace(), "server"))
        .map(pod -> pod.text("status", "podIP"))
        .filter(address -> !address.isEmpty())
        .orElseThrow(
            () -> new BenchFailed("pod " + variant.namespace() + "/server has no address"));
  }

  /// Sets the sysctls of the pods that carry the variants' load. Returns what holds now.
  List<String> tune(List<Variant> variants) {
    var chosen = new TreeSet<String>();
    for (var variant : variants) {
      for (var pod : List.of("client", "noisy", "server")) {
        var command = new ArrayList<>(List.of("sysctl", "-qw"));
        command.addAll(SYSCTLS);
        run(variant.namespace(), pod, SHORT, command);
        chosen.add(run(variant.namespace(), pod, SHORT, congestionControl()).strip());
      }
    }
    return Stream.concat(chosen.stream(), SYSCTLS.stream()).toList();
  }

  private static List<String> congestionControl() {
    var key = "net.ipv4.tcp_congestion_control";
    var tries =
        CONGESTION_CONTROLS.stream()
            .map(name -> "sysctl -qw " + key + "=" + name + " 2>/dev/null")
            .collect(Collectors.joining(" || "));
    return List.of("sh", "-c", tries + "; sysctl " + key);
  }

  /// Gives the mesh objects to take in.
  void apply(List<KubeObject> objects) {
    mesh.apply(objects);
  }

  /// Starts a command in a variant's client; the caller reads it and ends it.
  Process start(Variant variant, List<String> command) {
    try {
      return mesh.exec(variant.namespace(), "client", "", command)
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a load in a variant's client and returns what it printed.
  String load(Variant variant, double seconds, List<String> command) {
    return run(
        variant.namespace(), "client", Duration.ofMillis(Math.round(seconds * 1000)), command);
  }

  /// Begins a load in a pod and returns while it runs; it is killed when it takes too long.
  UnderWay begin(Variant variant, String pod, Duration longest, List<String> command) {
    try {
      return new UnderWay(
          mesh.exec(variant.namespace(), pod, "", bounded(longest, command))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Waits until everything in the mesh is ready again.
  void awaitReady() {
    mesh.awaitReady(Duration.ofMinutes(1), Instant.now(), _ -> {});
  }

  /// Runs a command in the mesh's server until it ends or the time is over, and returns what it
  /// wrote; how it ended does not matter.
  byte[] watch(Duration longest, List<String> command) {
    var bounded = new ArrayList<>(List.of("timeout", Long.toString(longest.toSeconds())));
    bounded.addAll(command);
    try {
      var process =
          mesh.exec(Variant.MESH.namespace(), "server", "", bounded)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a command inside a pod and returns what it printed; it is killed when it takes much
  /// longer than it should.
  private String run(String namespace, String pod, Duration expected, List<String> command) {
    try {
      var process =
          mesh.exec(namespace, pod, "", bounded(expected.plus(OVERTIME), command))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new BenchFailed(
            String.join(" ", command)
                + " in "
                + namespace
                + "/"
                + pod
                + " ended with "
                + process.exitValue()
                + ": "
                + output.lines().reduce((_, last) -> last).orElse("no output"));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailed("interrupted");
    }
  }

  private static List<String> bounded(Duration longest, List<String> command) {
    var bounded =
        new ArrayList<>(List.of("timeout", "-k", "2", Long.toString(longest.toSeconds())));
    bounded.addAll(command);
    return bounded;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      down(kiri, name);
    }
  }
}
