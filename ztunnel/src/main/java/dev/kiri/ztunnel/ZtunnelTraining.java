package dev.kiri.ztunnel;

import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.settings.Settings;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.ztunnel.pod.PodExercise;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// What the ahead-of-time cache is recorded from: a whole start with a control plane of its own, a
/// request to each of the operators' ports, and, where the process may make a network
/// namespace, some hundred connections through a pod of its own.
final class ZtunnelTraining {
  private ZtunnelTraining() {}

  static void run() throws Exception {
    var authority = new ThrowawayAuthority();
    try (var controlPlane = new TrainingControlPlane(authority)) {
      run(controlPlane, authority);
    }
  }

  private static void run(TrainingControlPlane controlPlane, ThrowawayAuthority authority)
      throws Exception {
    var environment =
        Map.of(
            "XDS_ADDRESS", controlPlane.uri(),
            "CA_ADDRESS", controlPlane.uri(),
            "XDS_ROOT_CA", authority.rootPem(),
            "CA_ROOT_CA", authority.rootPem(),
            "AUTH_TOKEN", "training",
            "NODE_NAME", TrainingControlPlane.NODE,
            "INPOD_UDS", "/nonexistent/ztunnel.sock");
    try (var logging = Logging.start(Settings.of(environment))) {
      var settings = ZtunnelSettings.from(environment, 2);
      var drain = new Drain(Duration.ofSeconds(1));
      try (var ztunnel = Ztunnel.start(settings, logging, drain, OperatorPorts.Numbers.ANY)) {
        for (var address : ztunnel.addresses()) {
          for (var path : new String[] {"/healthz/ready", "/metrics", "/config_dump"}) {
            get(address, path);
          }
        }
        controlPlane.awaitUse();
        carry(ztunnel, authority);
        drain.request("training is over");
        drain.awaitAndRun();
      }
    }
  }

  private static void carry(Ztunnel ztunnel, ThrowawayAuthority authority) throws Exception {
    PodNetns netns;
    try {
      netns = PodNetns.create(HomeNetns.ofThisThread());
    } catch (IOException notPermitted) {
      System.err.println("training without connections: " + notPermitted.getMessage());
      return;
    }
    var certificate = authority.issue(PodExercise.IDENTITY);
    var contexts = TlsContexts.of(certificate, TlsSettings.defaults());
    PodExercise.run(ztunnel.node(), contexts, netns);
  }

  private static void get(InetSocketAddress server, String path) throws Exception {
    try (var socket = new Socket()) {
      var loopback = InetAddress.ofLiteral("127.0.0.1");
      var at = server.getAddress().isAnyLocalAddress() ? loopback : server.getAddress();
      socket.connect(new InetSocketAddress(at, server.getPort()), 1000);
      var request = "GET " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
  }
}
